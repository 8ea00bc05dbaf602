import type { Reason } from '#core/decision';
import type { Content } from '#core/message';
import type { AcceptedPart, SealedParts } from '#core/protection';
import type { AttemptResult } from '#core/transport';

/** How far a copy in several mails came: all were accepted when the result is `delivered`. */
export interface PartsEnd {
  readonly result: AttemptResult;
  readonly accepted: readonly AcceptedPart[];
}

/**
 * Sends the mails of a copy that the peer has not accepted yet, one after another, and stops at the first that it does not
 * take. Each but the last is on record before the next leaves; the last one's record is the outcome. So a crash repeats one
 * mail at most, as with any other.
 */
export async function sendParts(
  parts: SealedParts,
  now: () => Date,
  send: (mail: Content) => Promise<AttemptResult>,
): Promise<PartsEnd> {
  const accepted = [...parts.done];
  for (;;) {
    const part = accepted.length + 1;
    if (part > parts.of) throw new Error('all parts of a copy were accepted before');
    const result = await send(await parts.mail(part));
    if (result.kind !== 'delivered') return { result, accepted };
    const { host, tlsVersion } = result.transport;
    const one = { part, at: now(), host, tlsVersion };
    accepted.push(one);
    if (part === parts.of) return { result, accepted };
    await parts.accepted(one);
  }
}

/** What the proof says of the mails: each that was accepted, and that it was not all of them. */
export function partReasons(of: number, accepted: readonly AcceptedPart[]): readonly Reason[] {
  const each = accepted.map(({ part, at, host, tlsVersion }): Reason => {
    const seen = { ...(host === null ? {} : { host }), ...(tlsVersion === null ? {} : { tls: tlsVersion }) };
    return { code: 'part-accepted', parameters: { part, of, at: at.toISOString(), ...seen } };
  });
  if (accepted.length === 0 || accepted.length === of) return each;
  return [...each, { code: 'parts-incomplete', parameters: { of, accepted: accepted.length } }];
}
