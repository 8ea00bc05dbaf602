// Stage 1, intake. In: an RFC 5322 message and its envelope, by SMTP, API or portal. Out: a sealed message on the
// record, committed before anyone is told so. Owns no table: the record port writes them all in one transaction.
// Fails with Refusal for what the caller can mend; any other error means that nothing was accepted.
export {
  createInboundListener,
  type InboundListener,
  type InboundListenerOptions,
} from './inbound/inbound-listener.ts';
export { submitInbound } from './inbound/submit-inbound.ts';
export type { Accepted, Envelope, Intake, IntakeLimits, IntakePorts, SubmitOptions } from './ports.ts';
export type { CertificateSource } from './smtp-certificate.ts';
export {
  createSmtpIntake,
  type SmtpIntake,
  type SmtpIntakeOptions,
  type SmtpLimits,
} from './smtp-intake.ts';
export { trustedPeers } from './smtp-listener.ts';
export type { Authenticate } from './smtp-session.ts';
export { createIntake } from './submit.ts';
