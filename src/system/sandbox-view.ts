import type { SandboxMailView, SandboxWorld } from '#products/sandbox-mail';
import type { Sandbox, SandboxMail } from '#sandbox';

/** The recipients of the main job, one a temperament; the console offers them. */
const RECIPIENTS = [
  { address: 'anna@good-tls.test', domain: 'good-tls.test', temperament: 'good-tls' },
  { address: 'ben@no-tls.test', domain: 'no-tls.test', temperament: 'no-tls' },
  { address: 'carla@wrong-cert.test', domain: 'wrong-cert.test', temperament: 'wrong-cert' },
  { address: 'dan@slow.test', domain: 'slow.test', temperament: 'slow' },
  { address: 'eva@dane.test', domain: 'dane.test', temperament: 'dane' },
  { address: 'finn@mta-sts.test', domain: 'mta-sts.test', temperament: 'mta-sts' },
  { address: 'nobody@good-tls.test', domain: 'good-tls.test', temperament: 'unknown-user' },
] as const;

/** The running sandbox as the mailbox pages of one organisation see it: `shown` says which mail that is. */
export function sandboxView(sandbox: Sandbox, shown: (bytes: Buffer) => boolean): SandboxWorld {
  const { mailboxes } = sandbox;
  const messages = (address: string) => mailboxes.messages(address).filter((one) => shown(one.bytes));
  return {
    peers: () => RECIPIENTS,
    mailboxes: () =>
      mailboxes.list().flatMap(({ address }) => {
        const held = messages(address);
        const newestAt = held.at(-1)?.receivedAt ?? null;
        return held.length === 0 ? [] : [{ address, messages: held.length, newestAt }];
      }),
    messages: (address) => messages(address).map(mailView),
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
