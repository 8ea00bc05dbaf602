import { openMessage, SmimeRefused } from '#journey/4-protect';
import { readCertificate } from '#platform/keyring';
import type { OpenedMail, SandboxMailView, SandboxWorld } from '#products/sandbox-mail';
import type { Sandbox, SandboxMail } from '#sandbox';

/** The recipients of the main job, one a temperament; the console offers them. */
const RECIPIENTS = [
  { address: 'anna@good-tls.test', domain: 'good-tls.test', temperament: 'good-tls' },
  { address: 'ben@no-tls.test', domain: 'no-tls.test', temperament: 'no-tls' },
  { address: 'carla@wrong-cert.test', domain: 'wrong-cert.test', temperament: 'wrong-cert' },
  { address: 'dan@slow.test', domain: 'slow.test', temperament: 'slow' },
  { address: 'erika@smime.test', domain: 'smime.test', temperament: 'smime' },
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
    messages: (address) => messages(address).map((mail) => mailView(mail, sandbox)),
  };
}

function mailView(mail: SandboxMail, sandbox: Sandbox): SandboxMailView {
  return {
    id: mail.id,
    to: mail.mailbox,
    from: mail.envelopeFrom ?? '',
    receivedAt: mail.receivedAt,
    tlsVersion: mail.tlsVersion,
    cipher: null,
    raw: mail.bytes,
    open: () => opened(mail, sandbox),
  };
}

/** By the octets of a mail: pages ask for the same one again and again. */
const kept = new WeakMap<Buffer, OpenedMail | null>();

/** What the mail program of the sandbox's S/MIME user makes of it; null for mail that is not sealed. */
function opened(mail: SandboxMail, { smime }: Sandbox): OpenedMail | null {
  if (mail.mailbox.toLowerCase() !== smime.address) return null;
  const known = kept.get(mail.bytes);
  if (known !== undefined) return known;
  const found = openWith(mail.bytes, smime);
  kept.set(mail.bytes, found);
  return found;
}

function openWith(bytes: Buffer, smime: Sandbox['smime']): OpenedMail | null {
  const key = { certificate: readCertificate(smime.certificate), privateKey: smime.privateKey };
  try {
    const { message, encrypted, signer, integrity } = openMessage(bytes, [key]);
    const signedBy = signer?.certificate.subject ?? null;
    return { kind: 'opened', method: 'smime', message, encrypted, integrity, signedBy };
  } catch (error) {
    if (!(error instanceof SmimeRefused)) throw error;
    return error.code === 'not-smime' ? null : { kind: 'refused', method: 'smime', code: error.code };
  }
}
