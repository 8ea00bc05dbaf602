import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { SCAN_LIMITS, type TopHeader } from '#platform/mail';
import { createChecks } from './envelope-checks.ts';
import { type Opened, openMessage, refuse } from './final-message.ts';
import type { Accepted, Envelope, Intake, IntakeLimits, IntakePorts, SubmitOptions } from './ports.ts';
import { recordMessage } from './record-message.ts';
import { requireSomeSending } from './send-access.ts';

export const INTAKE_LIMITS: IntakeLimits = { ...SCAN_LIMITS, maxRecipients: 500, maxDelayDays: 366 };

/** The header of an opened message; one that has ended must have ended well. */
function topOf(opened: Opened): TopHeader {
  if (opened.rest === null) {
    const ended = opened.scanner.end();
    if (!ended.ok) return refuse(ended.problem);
  }
  const { top } = opened.scanner;
  if (top === null) throw new Refusal('invalid-header', { reason: 'no-header' });
  return top;
}

/** Makes the intake use case: the only way onto the road. */
export function createIntake<Tx>(ports: IntakePorts<Tx>, bounds: Partial<IntakeLimits> = {}): Intake<Tx> {
  const limits: IntakeLimits = { ...INTAKE_LIMITS, ...bounds };
  const checks = createChecks(ports, limits);

  const submit = async (
    caller: Caller,
    envelope: Envelope,
    content: Buffer | AsyncIterable<Buffer>,
    options: SubmitOptions<Tx>,
  ): Promise<Accepted> => {
    requireSomeSending(ports, caller);
    checks.checkReserve();
    const { sender } = envelope;
    const recipients = checks.checkRecipients(envelope.recipients);
    const opened = await openMessage(content, limits);
    try {
      const top = topOf(opened);
      await checks.checkAuthors(caller, options.source, sender, top);
      const approved = { caller, sender, recipients, opened, top };
      return await recordMessage(ports, approved, options, limits.maxDelayDays);
    } finally {
      // Whoever sends is let go of, also when the rest is not wanted any more.
      await opened.rest?.return?.();
    }
  };

  const { checkSender, checkRecipient, checkReserve } = checks;
  return { limits, submit, checkSender, checkRecipient, checkReserve };
}
