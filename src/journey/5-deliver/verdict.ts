import type { FailureCode } from '#core/decision';
import { NO_TRANSPORT, type TransportFacts } from '#core/transport';
import type { Opened, TransactionEnd } from '#platform/net';
import type { SendResult } from './deliver.ts';

/** Why one host did not get the message. */
export type HostFailure =
  | Exclude<Opened, { readonly kind: 'open' }>
  /** DNSSEC says that answers about it were tampered with, or they could not be had. */
  | { readonly kind: 'unreachable'; readonly code: 'dnssec-failed'; readonly transport: TransportFacts };

/** What one transaction's end means for the delivery. */
export function judgeTransaction(end: TransactionEnd, transport: TransportFacts): SendResult {
  switch (end.kind) {
    case 'accepted':
      return { kind: 'delivered', transport, reply: end.reply, mayHaveArrived: false };
    case 'unfit':
      return {
        kind: 'bounced',
        transport,
        reply: null,
        code: end.code,
        ...(end.code === 'message-too-large' ? { mostOctets: end.mostOctets } : {}),
        mayHaveArrived: false,
      };
    case 'refused':
      return end.reply.code >= 500
        ? { kind: 'bounced', transport, reply: end.reply, code: 'peer-refused', mayHaveArrived: false }
        : { kind: 'deferred', transport, reply: end.reply, code: 'peer-deferred', mayHaveArrived: false };
    case 'lost':
      return {
        kind: 'deferred',
        transport,
        reply: null,
        code: end.code,
        mayHaveArrived: end.stage === 'after-end',
      };
  }
}

/**
 * What it means that no host got the message. Not one of them was told anything of it. Where some cannot meet the
 * requirement the message must get on by another method (SL-4), unless a capable-looking host asked to be tried later.
 */
export function judgeWalk(failures: readonly HostFailure[]): SendResult {
  const refused = failures.filter((failure) => failure.kind === 'refused');
  // A smart host that does not know our password says nothing of the message: an operator has to act.
  const later = refused.find(({ at, reply }) => at === 'auth' || reply.code < 500);
  if (later !== undefined) {
    const { at, reply, transport } = later;
    const code = at === 'auth' ? 'system-fault' : 'peer-deferred';
    return { kind: 'deferred', transport, reply, code, mayHaveArrived: false };
  }
  const unprotected = mostTelling(failures.filter((failure) => failure.kind === 'unprotected'));
  if (unprotected !== undefined) {
    const { code, parameters, transport } = unprotected;
    return {
      kind: 'protection-unavailable',
      transport,
      failure: { method: 'tls', code, parameters },
      mayHaveArrived: false,
    };
  }
  const unreachable = failures.find((failure) => failure.kind === 'unreachable');
  if (unreachable !== undefined) {
    const { code, transport } = unreachable;
    return { kind: 'deferred', transport, reply: null, code, mayHaveArrived: false };
  }
  const never = refused[0];
  if (never !== undefined) {
    const { reply, transport } = never;
    return { kind: 'bounced', transport, reply, code: 'peer-refused', mayHaveArrived: false };
  }
  return {
    kind: 'deferred',
    transport: NO_TRANSPORT,
    reply: null,
    code: 'connect-failed',
    mayHaveArrived: false,
  };
}

/** A host that got far and then failed says more than one that never offered TLS. Smaller tells more. */
const TELLING: Readonly<Record<FailureCode, number>> = {
  'dane-mismatch': 0,
  'certificate-wrong-name': 0,
  'certificate-expired': 1,
  'certificate-self-signed': 2,
  'certificate-untrusted': 3,
  'tls-version-too-low': 4,
  'tls-handshake-failed': 5,
  'requiretls-not-offered': 5,
  'mta-sts-host-not-listed': 6,
  'requiretls-host-not-proven': 6,
  'no-verified-host': 6,
  'tls-not-offered': 7,
  'no-key': 8,
  'key-expired': 8,
  'key-change-unconfirmed': 8,
  'key-revoked': 8,
  'key-unusable': 8,
  'key-untrusted': 8,
  'revocation-unknown': 8,
  'message-too-large': 8,
  'no-password-channel': 8,
  'not-configured': 8,
  'content-unreadable': 8,
  'requiretls-demanded': 8,
  'waiver-ended': 8,
};

function mostTelling<T extends { readonly code: FailureCode }>(failures: readonly T[]): T | undefined {
  return failures.toSorted((a, b) => TELLING[a.code] - TELLING[b.code])[0];
}
