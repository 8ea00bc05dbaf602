import type { FailureCode } from '#core/decision';
import type { Database } from '#platform/database';
import type { Clock } from '#platform/runtime';
import type { HostTrust } from './host-trust.ts';
import { addTlsCounts, type TlsCount } from './tls-result.store.ts';

/** One connection, or one look at a policy, in the words of RFC 8460 §4.3. */
export interface TlsResult {
  readonly domain: string;
  readonly policy: 'tlsa' | 'sts' | 'no-policy-found';
  /** MX host name; empty where the policy itself could not be had. */
  readonly host: string;
  readonly result: TlsResultType | null;
}

export type TlsResultType =
  | 'success'
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-not-trusted'
  | 'certificate-expired'
  | 'validation-failure'
  | 'dnssec-invalid'
  | 'sts-policy-fetch-error'
  | 'sts-policy-invalid'
  | 'sts-webpki-invalid';

export interface TlsResults {
  /** Counts it. Never throws and never waits; a null result says nothing of TLS and is not counted. */
  note(result: TlsResult): void;
}

type End =
  | { readonly kind: 'open'; readonly doubt: FailureCode | null }
  | { readonly kind: 'unprotected'; readonly code: FailureCode }
  | { readonly kind: 'unreachable'; readonly code: string }
  | { readonly kind: 'refused' };

/** What a connection's end says of the host's TLS; null where it says nothing: nobody answered. */
export function resultOf(trust: HostTrust, end: End): TlsResultType | null {
  switch (end.kind) {
    case 'open':
      if (end.doubt !== null) return typeOf(end.doubt);
      return trust.kind === 'open' && trust.unlistedInTest ? 'validation-failure' : 'success';
    case 'unprotected':
      return typeOf(end.code);
    case 'unreachable':
      return end.code === 'dnssec-failed' ? 'dnssec-invalid' : null;
    case 'refused':
      return null;
  }
}

function typeOf(code: FailureCode): TlsResultType {
  switch (code) {
    case 'tls-not-offered':
      return 'starttls-not-supported';
    case 'certificate-wrong-name':
      return 'certificate-host-mismatch';
    case 'certificate-expired':
      return 'certificate-expired';
    case 'certificate-untrusted':
    case 'certificate-self-signed':
      return 'certificate-not-trusted';
    default:
      return 'validation-failure';
  }
}

/** Distinct outcomes held between two writes; more are dropped, for reports are worth less than memory. */
const MOST_HELD = 20_000;

export interface TlsResultCounter extends TlsResults {
  /** Writes what was counted since the last time. What cannot be written is kept for the next time. */
  flush(): Promise<void>;
}

/** Counts in memory, so that no send waits for the database; `flush` is called every so often. */
export function createTlsResults(database: Database, clock: Clock): TlsResultCounter {
  let counts = new Map<string, TlsCount>();
  const add = (count: TlsCount): void => {
    const { day, domain, policy, host, result } = count;
    const key = JSON.stringify([day, domain, policy, host, result]);
    const held = counts.get(key);
    if (held === undefined && counts.size >= MOST_HELD) return;
    counts.set(key, { ...count, sessions: count.sessions + (held?.sessions ?? 0) });
  };
  return {
    note({ domain, policy, host, result }) {
      if (result === null) return;
      const day = clock.now().toISOString().slice(0, 10);
      add({ day, domain, policy, host, result, sessions: 1 });
    },
    async flush() {
      if (counts.size === 0) return;
      const written = [...counts.values()];
      counts = new Map();
      try {
        await database.system('worker', (tx) => addTlsCounts(tx, written));
      } catch (error) {
        for (const count of written) add(count);
        throw error;
      }
    },
  };
}
