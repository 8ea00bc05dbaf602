import { type Internal, internalSign } from './organisation.ts';
import { isPlainSmtp, meansTls } from './read-protocol.ts';
import { isWeak } from './read-tls.ts';
import { knownReceiver, usuallyTells } from './receivers.ts';
import type { Confidence, HopTrust, HopVerdict, ParsedReceived } from './types.ts';

export interface JudgedHop {
  readonly verdict: HopVerdict;
  readonly internal: boolean;
}

/**
 * What a line proves about its hop. Proof of encryption comes first, then signs that the hop stayed inside, then what
 * silence means where the receiver is known to tell. Silence of anybody else means nothing.
 */
export function judgeHop(received: ParsedReceived | null, trust: HopTrust): JudgedHop {
  if (received === null) {
    return { verdict: { kind: 'unreadable', basis: 'malformed', confidence: 'high' }, internal: false };
  }
  const sign = internalSign(received);
  return { verdict: judge(received, sign, trust), internal: sign !== null };
}

function judge(received: ParsedReceived, sign: Internal | null, trust: HopTrust): HopVerdict {
  const { protocol, tls, nullCipher, by } = received;
  const as = (confidence: Confidence): Confidence => (trust === 'claimed' ? lower(confidence) : confidence);
  if (nullCipher) return { kind: 'clear', basis: 'null-cipher', confidence: as('high'), receiver: null };
  if (tls !== null) {
    return { kind: 'encrypted', basis: 'tls-note', confidence: as('high'), weak: isWeak(tls) };
  }
  if (protocol !== null && meansTls(protocol) && !isMicrosoftInside(protocol, sign)) {
    return { kind: 'encrypted', basis: 'protocol', confidence: as('high'), weak: false };
  }
  if (sign !== null) return { kind: 'internal', basis: sign.basis, confidence: as(sign.confidence) };
  const plain = protocol !== null && isPlainSmtp(protocol);
  const receiver = knownReceiver(by.name);
  if (plain && receiver !== null) {
    const { confidence, service } = receiver;
    return { kind: 'clear', basis: 'receiver-records-tls', confidence: as(confidence), receiver: service };
  }
  const probably = plain && usuallyTells(received);
  return { kind: 'not-recorded', basis: probably ? 'probably-clear' : 'no-note', confidence: as('high') };
}

/** Exchange writes HTTPS for a hand-over between its own servers: that is what matters about it. */
function isMicrosoftInside(protocol: string, sign: Internal | null): boolean {
  return protocol === 'HTTPS' && sign !== null;
}

/** What the sender's side says of itself is worth a step less. */
export function lower(confidence: Confidence): Confidence {
  return confidence === 'high' ? 'medium' : 'low';
}
