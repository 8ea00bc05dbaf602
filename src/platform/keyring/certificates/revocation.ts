import { DerBroken, readDer } from '../der/read.ts';
import { type RevocationList, readRevocationList } from './crl.ts';
import { ocspRequest, readOcspAnswer } from './ocsp.ts';
import type { Certificate } from './read-certificate.ts';

export type RevocationState = 'good' | 'revoked' | 'unknown';

export interface RevocationPorts {
  /** GET (body null) or POST with its type; the octets of a 200, or null for anything else. Bounded by the caller. */
  fetch(url: string, body: Buffer | null, type: string | null, maxBytes: number): Promise<Buffer | null>;
  now(): Date;
  monotonic(): number;
  /** How long `check` waits in all, milliseconds (default 10,000). */
  readonly patienceMs?: number;
}

export interface Revocation {
  /** The worst of a chain: each certificate but the anchor is asked for. */
  check(chain: readonly Certificate[]): Promise<RevocationState>;
  /** The same from answers at hand, without asking anybody. */
  known(chain: readonly Certificate[]): RevocationState;
}

const MINUTE = 60_000;
const LARGEST_LIST = 16 << 20;
const LARGEST_ANSWER = 64 << 10;
const MOST_KEPT = 5_000;
const MOST_LISTS = 50;
/** Certificates name up to dozens of places; the first ones are enough. */
const MOST_PLACES = 3;
const SKEW_MS = 5 * MINUTE;
/** A message does not wait longer than this for all places together; what comes later serves the next one. */
const PATIENCE_MS = 10_000;

interface Kept<T> {
  readonly value: Promise<T>;
  /** The answer once it is there. */
  settled: T | undefined;
  until: number;
}

/**
 * Revocation by OCSP (RFC 6960), and by CRL (RFC 5280 §6.3) where OCSP gives no answer. Answers are kept until they
 * are due again, at most twelve hours; silence for five minutes, so that a dead responder does not slow every message.
 * The same question is asked once at a time.
 */
export function createRevocation(ports: RevocationPorts): Revocation {
  const states = new Map<string, Kept<RevocationState>>();
  const lists = new Map<string, Kept<RevocationList | null>>();

  const keep = <T>(
    map: Map<string, Kept<T>>,
    most: number,
    name: string,
    ask: () => Promise<[T, number]>,
  ) => {
    const held = map.get(name);
    if (held !== undefined && held.until > ports.monotonic()) return held.value;
    const asked = ask();
    // Until the answer says how long it holds, the question stands for others who ask it meanwhile.
    const kept: Kept<T> = {
      value: asked.then(([value]) => value),
      settled: undefined,
      until: Number.POSITIVE_INFINITY,
    };
    map.delete(name);
    map.set(name, kept);
    asked.then(
      ([value, holds]) => {
        kept.settled = value;
        kept.until = ports.monotonic() + holds;
      },
      () => map.delete(name),
    );
    const oldest = map.size > most ? map.keys().next() : undefined;
    if (oldest?.done === false) map.delete(oldest.value);
    return kept.value;
  };

  const listAt = (url: string, issuer: Certificate) =>
    keep(lists, MOST_LISTS, `${issuer.fingerprint} ${url}`, async () => {
      const octets = await ports.fetch(url, null, null, LARGEST_LIST);
      const list = octets === null ? null : tolerant(() => readRevocationList(octets, issuer));
      if (list === null || !current(list, ports.now())) return [null, 5 * MINUTE];
      return [list, holdsFor(list.nextUpdate, ports.now())];
    });

  const byOcsp = async (
    certificate: Certificate,
    issuer: Certificate,
  ): Promise<[RevocationState, number]> => {
    for (const url of certificate.ocspUrls.slice(0, MOST_PLACES)) {
      const request = ocspRequest(certificate, issuer);
      const octets = await ports.fetch(url, request, 'application/ocsp-request', LARGEST_ANSWER);
      const now = ports.now();
      const answer =
        octets === null ? null : tolerant(() => readOcspAnswer(octets, certificate, issuer, now));
      if (answer !== null && answer.status !== 'unknown' && current(answer, now)) {
        return [answer.status, holdsFor(answer.nextUpdate, now)];
      }
    }
    return ['unknown', 5 * MINUTE];
  };

  const byList = async (
    certificate: Certificate,
    issuer: Certificate,
  ): Promise<[RevocationState, number]> => {
    for (const url of certificate.crlUrls.slice(0, MOST_PLACES)) {
      const list = await listAt(url, issuer);
      if (list === null) continue;
      const serial = readDer(certificate.serial).contents.toString('hex');
      return [list.revoked.has(serial) ? 'revoked' : 'good', holdsFor(list.nextUpdate, ports.now())];
    }
    return ['unknown', 5 * MINUTE];
  };

  const one = (certificate: Certificate, issuer: Certificate) =>
    keep(states, MOST_KEPT, `${certificate.fingerprint} ${issuer.fingerprint}`, async () => {
      const answered = await byOcsp(certificate, issuer);
      return answered[0] === 'unknown' ? byList(certificate, issuer) : answered;
    });

  return {
    async check(chain) {
      const asked = Promise.all(links(chain).map(([certificate, issuer]) => one(certificate, issuer)));
      return worst(await patiently(asked, ['unknown' as const], ports.patienceMs ?? PATIENCE_MS));
    },
    known: (chain) =>
      worst(
        links(chain).map(([certificate, issuer]) => {
          const held = states.get(`${certificate.fingerprint} ${issuer.fingerprint}`);
          return held !== undefined && held.until > ports.monotonic()
            ? (held.settled ?? 'unknown')
            : 'unknown';
        }),
      ),
  };
}

/** Each certificate of a chain with its issuer. */
function links(chain: readonly Certificate[]): (readonly [Certificate, Certificate])[] {
  return chain.flatMap((certificate, index) => {
    const issuer = chain[index + 1];
    return issuer === undefined ? [] : [[certificate, issuer] as const];
  });
}

async function patiently<T>(work: Promise<T>, otherwise: T, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, ms, otherwise);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function worst(states: readonly RevocationState[]): RevocationState {
  if (states.includes('revoked')) return 'revoked';
  return states.includes('unknown') ? 'unknown' : 'good';
}

function tolerant<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    // What a server sent and what cannot be read are the same as no answer; anything else is a fault.
    if (error instanceof DerBroken) return null;
    throw error;
  }
}

/** Neither from the future nor past its time (RFC 6960 §3.2, RFC 5280 §6.3.3); without an end, a week old at most. */
function current(one: { thisUpdate: Date; nextUpdate: Date | null }, now: Date): boolean {
  const end = one.nextUpdate?.getTime() ?? one.thisUpdate.getTime() + 7 * 24 * 60 * MINUTE;
  return one.thisUpdate.getTime() <= now.getTime() + SKEW_MS && end >= now.getTime() - SKEW_MS;
}

function holdsFor(nextUpdate: Date | null, now: Date): number {
  const left = (nextUpdate?.getTime() ?? 0) - now.getTime();
  return Math.min(Math.max(left, 5 * MINUTE), 12 * 60 * MINUTE);
}
