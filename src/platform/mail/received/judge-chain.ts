import { internalSign, organisationOf } from './organisation.ts';
import { isSubmission } from './read-protocol.ts';
import { knownReceiver } from './receivers.ts';
import type {
  ChainReason,
  Confidence,
  HeaderAnalysis,
  HiddenLeg,
  Hop,
  HopTrust,
  ParsedReceived,
} from './types.ts';

/**
 * Whom each line comes from, top first. The topmost lines of one organisation are its own word. Below the line in
 * which it took the message from elsewhere everything was written, or made up, by the other side; a known service that an
 * own line names by a looked-up name is believed one organisation further.
 */
export function trustOf(lines: readonly (ParsedReceived | null)[]): HopTrust[] {
  const trust: HopTrust[] = [];
  let level: HopTrust = 'own';
  let organisation: string | null = null;
  let above: ParsedReceived | null = null;
  for (const line of lines) {
    const here = organisationOf(line?.by.name ?? null);
    if (level !== 'claimed' && above !== null) {
      const inside =
        internalSign(above) !== null && (here === null || organisation === null || here === organisation);
      if (!inside) {
        level = vouchesFor(above, line) ? 'known-service' : 'claimed';
        organisation = here;
      }
    }
    organisation ??= here;
    trust.push(line === null ? 'claimed' : level);
    above = line ?? above;
  }
  return trust;
}

/** The line above says, by a name that it looked up itself, that the message came from the service that wrote this one. */
function vouchesFor(above: ParsedReceived, line: ParsedReceived | null): boolean {
  const here = line?.by.name ?? null;
  if (knownReceiver(here) === null || above.nameDoubted) return false;
  const named = organisationOf(above.from.resolvedName);
  return named !== null && named === organisationOf(here);
}

/**
 * One verdict over the legs between servers, with the reasons for it; hops in the order in which they happened. A web
 * mailer's own line is about the author's browser: it is told, and does not decide.
 */
export function judgeChain(hops: readonly Hop[]): HeaderAnalysis['overall'] {
  const at = (test: (hop: Hop) => boolean): number[] => hops.filter(test).map(({ position }) => position);
  const clear = at(({ verdict }) => verdict.kind === 'clear');
  const silent = at(({ verdict }) => verdict.kind === 'not-recorded');
  const undecided = at(
    ({ verdict, received }) => verdict.kind === 'not-recorded' && received?.protocol !== 'HTTP',
  );
  const unreadable = at(({ verdict }) => verdict.kind === 'unreadable');
  const encrypted = at(({ verdict, internal }) => verdict.kind === 'encrypted' && !internal);
  const reasons: ChainReason[] = [
    { code: 'leg-clear', hops: clear },
    { code: 'leg-not-recorded', hops: silent },
    { code: 'leg-unreadable', hops: unreadable },
    { code: 'leg-weak', hops: at(({ verdict }) => verdict.kind === 'encrypted' && verdict.weak) },
    { code: 'legs-encrypted', hops: encrypted },
    { code: 'legs-internal', hops: at(({ internal }) => internal) },
    { code: 'lines-claimed', hops: at(({ trust }) => trust === 'claimed') },
    { code: 'clock-skew', hops: at(({ clockSkew }) => clockSkew) },
  ];
  const told = reasons.filter((reason) => reason.hops.length > 0);
  if (hops.length === 0) told.push({ code: 'no-received-lines', hops: [] });
  const kind =
    clear.length > 0
      ? 'clear'
      : undecided.length + unreadable.length > 0
        ? 'not-proven'
        : encrypted.length > 0
          ? 'encrypted'
          : 'nothing-to-judge';
  return { kind, confidence: confidenceOf(kind, hops), reasons: told };
}

const ORDER: readonly Confidence[] = ['low', 'medium', 'high'];

/** One clear leg is enough, so the surest counts; that all are encrypted is as sure as the least sure of them. */
function confidenceOf(kind: HeaderAnalysis['overall']['kind'], hops: readonly Hop[]): Confidence {
  const ranks = (test: (hop: Hop) => boolean): number[] =>
    hops.filter(test).map(({ verdict }) => ORDER.indexOf(verdict.confidence));
  if (kind === 'clear') return ORDER[Math.max(...ranks(({ verdict }) => verdict.kind === 'clear'))] ?? 'low';
  if (kind === 'encrypted')
    return ORDER[Math.min(...ranks(({ verdict }) => verdict.kind !== 'unreadable'))] ?? 'low';
  return kind === 'not-proven' ? 'high' : 'low';
}

/** The two legs that no line can show, always named; the first one with the hop that looks like it, if any does. */
export function hiddenLegs(hops: readonly Hop[]): HiddenLeg[] {
  const first = hops.find(({ received }) => received !== null && !received.local);
  const protocol = first?.received?.protocol ?? null;
  const looksLikeAuthor =
    protocol !== null && (isSubmission(protocol) || /^HTTPS?$/.test(protocol)) && first?.internal !== true;
  return [
    { leg: 'author-to-first-server', hop: looksLikeAuthor ? (first?.position ?? null) : null },
    { leg: 'last-server-to-reader', hop: null },
  ];
}
