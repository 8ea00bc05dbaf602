import type { SandboxMailView, SandboxWorld } from '#products/sandbox-mail';
import type { Sandbox, SandboxMail } from '#sandbox';

/** The recipients of the main job, one a temperament; the console offers them. */
const RECIPIENTS = [
  { address: 'anna@good-tls.test', domain: 'good-tls.test', temperament: 'good-tls' },
  { address: 'ben@no-tls.test', domain: 'no-tls.test', temperament: 'no-tls' },
  { address: 'carla@wrong-cert.test', domain: 'wrong-cert.test', temperament: 'wrong-cert' },
  { address: 'dan@slow.test', domain: 'slow.test', temperament: 'slow' },
  { address: 'nobody@good-tls.test', domain: 'good-tls.test', temperament: 'unknown-user' },
] as const;

/** The running sandbox as the mailbox pages see it. */
export function sandboxView(sandbox: Sandbox): SandboxWorld {
  const { mailboxes } = sandbox;
  return {
    peers: () => RECIPIENTS,
    mailboxes: () =>
      mailboxes.list().map((one) => ({ address: one.address, messages: one.count, newestAt: one.newest })),
    messages: (address) => mailboxes.messages(address).map(mailView),
  };
}

function mailView(mail: SandboxMail): SandboxMailView {
  return {
    id: mail.id,
    to: mail.mailbox,
    from: mail.envelopeFrom ?? '',
    receivedAt: mail.receivedAt,
    tlsVersion: mail.tlsVersion,
    cipher: null,
    raw: mail.bytes,
  };
}
