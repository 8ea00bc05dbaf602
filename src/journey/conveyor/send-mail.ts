import { addressText } from '#core/address';
import type { Decision, TlsRequirement } from '#core/decision';
import type { Content } from '#core/message';
import type { Method } from '#core/method';
import type { SealedMail } from '#core/protection';
import type { AttemptResult } from '#core/transport';
import type { AttemptRecord, OpenedDelivery } from '#platform/record';
import type { ConveyorPorts } from './stages.ts';

/** One mail to the peer, with its attempt on record. */
export async function sendMail(
  ports: ConveyorPorts,
  work: OpenedDelivery,
  method: Method,
  mail: Content,
  tls: TlsRequirement | 'opportunistic',
  progress: { readonly attempts: AttemptRecord[]; mine(): boolean },
  startedAt: Date,
): Promise<AttemptResult> {
  const { message } = work.opened;
  const { recipient } = work.delivery;
  const signed = await ports.deliver.sign(message.organisation, message.sender.domain, mail);
  if (!progress.mine()) throw new Error('the lease ran out before sending');
  ports.reach('before-send', work.delivery.id);
  const result = await ports.deliver.send({
    domain: recipient.domain,
    envelopeFrom: message.sender,
    recipient,
    content: signed,
    tls,
    smtpUtf8: needsSmtpUtf8(work),
    eightBit: true,
    requireTls: message.requireTls === true,
  });
  if (result.kind === 'delivered') ports.reach('after-data', work.delivery.id);
  progress.attempts.push(attemptRecord(ports, method, startedAt, result));
  return result;
}

/**
 * Under a waiver nothing is demanded of the peer but what its own domain demands of everybody (DANE, MTA-STS).
 * What is protected in itself may go to a peer that nobody could verify, but not in clear: who writes to whom stands in
 * its header, and that somebody is a patient somewhere is PHI.
 */
export function requirementFor(sealed: SealedMail, decision: Decision): TlsRequirement | 'opportunistic' {
  if (sealed.kind === 'under-waiver') return 'opportunistic';
  if (sealed.kind !== 'self-protected' && sealed.kind !== 'in-parts') return decision.tls;
  return { minimum: decision.tls.minimum, authentication: 'encrypted-only' };
}

export function needsSmtpUtf8(work: OpenedDelivery): boolean {
  const addresses = addressText(work.opened.message.sender) + addressText(work.delivery.recipient);
  return /[^\x20-\x7e]/u.test(addresses);
}

export function attemptRecord(
  ports: ConveyorPorts,
  method: Method,
  startedAt: Date,
  result: AttemptResult,
): AttemptRecord {
  return {
    method,
    startedAt,
    endedAt: ports.clock.now(),
    result: result.kind,
    code: attemptCode(result),
    transport: result.transport,
    reply: result.kind === 'protection-unavailable' ? null : result.reply,
  };
}

function attemptCode(result: AttemptResult): string | null {
  switch (result.kind) {
    case 'delivered':
      return null;
    case 'deferred':
    case 'bounced':
      return result.code;
    case 'protection-unavailable':
      return result.failure.code;
  }
}
