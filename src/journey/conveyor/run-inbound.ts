import type { Decision, MethodFailure, Reason } from '#core/decision';
import type { OpenedDelivery } from '#platform/record';
import { describeFault } from '#platform/runtime';
import { type DeliveryRun, ended, laterOrTooOld, newProgress, type Progress } from './run-delivery.ts';
import { attemptRecord, needsSmtpUtf8 } from './send-mail.ts';
import type { ConveyorPorts } from './stages.ts';

/**
 * Hands one recipient's copy of a message from outside to the organisation's own mail server: opened where it can be, as
 * it came where not. There is one way, verified TLS; while that is not to be had the message waits, because an
 * administrator can mend what is wrong with their own server. It is never signed with our DKIM key: it is not our word.
 */
export async function runInbound(
  ports: ConveyorPorts,
  work: OpenedDelivery,
  mine: () => boolean = () => true,
): Promise<DeliveryRun> {
  const progress = newProgress(mine);
  try {
    return await travel(ports, work, progress);
  } catch (error) {
    ports.logger.error('delivery-fault', {
      ...describeFault(error),
      organisation: work.delivery.organisation,
      delivery: work.delivery.id,
    });
    const later = laterOrTooOld(ports, work, progress.decision, 'system-fault', '4.3.0');
    return ended(ports, work, progress, later);
  }
}

async function travel(ports: ConveyorPorts, work: OpenedDelivery, progress: Progress): Promise<DeliveryRun> {
  const { message, content } = work.opened;
  const { recipient, organisation } = work.delivery;
  if (message.state !== 'accepted') {
    return ended(ports, work, progress, { kind: 'withdrawn', state: message.state });
  }
  const startedAt = ports.clock.now();
  const host = await ports.inbound.host(organisation, recipient.domain);
  const decided = (found: readonly Reason[]): Decision => {
    const { policyVersion } = message;
    const { failures } = progress;
    return ports.inbound.decide({ host: host?.host ?? null, policyVersion, failures, found });
  };
  const wait = (failure: MethodFailure, found: readonly Reason[]): DeliveryRun => {
    progress.failures.push(failure);
    progress.decision = decided(found);
    const later = laterOrTooOld(ports, work, progress.decision, failure.code, '4.7.0');
    return ended(ports, work, progress, later);
  };
  progress.decision = decided([]);
  if (host === null) return wait({ method: 'tls', code: 'not-configured', parameters: {} }, []);
  const { content: handed, reasons } = await ports.inbound.prepare(message, content, recipient);
  progress.decision = decided(reasons);
  if (!progress.mine()) throw new Error('the lease ran out before sending');
  ports.reach('before-send', work.delivery.id);
  const result = await ports.deliver.send({
    domain: recipient.domain,
    envelopeFrom: message.inbound?.reversePath === 'null' ? null : message.sender,
    recipient,
    content: handed,
    tls: progress.decision.tls,
    smtpUtf8: needsSmtpUtf8(work),
    eightBit: true,
    via: host,
  });
  if (result.kind === 'delivered') ports.reach('after-data', work.delivery.id);
  progress.attempts.push(attemptRecord(ports, 'tls', startedAt, result));
  switch (result.kind) {
    case 'delivered':
      return ended(ports, work, progress, { kind: 'sent', method: 'tls', result });
    case 'bounced':
      return ended(ports, work, progress, { kind: 'refused', method: 'tls', result });
    case 'deferred': {
      const status = result.reply?.enhanced ?? null;
      const later = laterOrTooOld(ports, work, progress.decision, result.code, status);
      return ended(ports, work, progress, later);
    }
    case 'protection-unavailable':
      return wait({ ...result.failure, method: 'tls' }, reasons);
  }
}
