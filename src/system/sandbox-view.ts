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
  { address: 'eva@dane.test', domain: 'dane.test', temperament: 'dane' },
  { address: 'finn@mta-sts.test', domain: 'mta-sts.test', temperament: 'mta-sts' },
  { address: 'erika@smime.test', domain: 'smime.test', temperament: 'smime' },
  { address: 'nobody@good-tls.test', domain: 'good-tls.test', temperament: 'unknown-user' },
  { address: 'paula@pgp.test', domain: 'pgp.test', temperament: 'pgp-user' },
] as const;

export interface SandboxViewer {
  readonly texts: SandboxWorld['texts'];
  /** Which mail the organisation may see. */
  shown(bytes: Buffer): boolean;
  /** The organisation's OpenPGP key, as its recipients know it. */
  senderKey(): Promise<{ readonly armoured: string } | null>;
}

/** The running sandbox as the mailbox pages of one organisation see it. */
export function sandboxView(sandbox: Sandbox, viewer: SandboxViewer): SandboxWorld {
  const { mailboxes } = sandbox;
  const messages = (address: string) => mailboxes.messages(address).filter((one) => viewer.shown(one.bytes));
  return {
    peers: () => RECIPIENTS,
    mailboxes: () =>
      mailboxes.list().flatMap(({ address }) => {
        const held = messages(address);
        const newestAt = held.at(-1)?.receivedAt ?? null;
        return held.length === 0 ? [] : [{ address, messages: held.length, newestAt }];
      }),
    messages: (address) => messages(address).map(mailView),
    texts: viewer.texts,
    async open(mail) {
      const user = sandbox.pgpUser(mail.to);
      if (user === null) return openedByErika(mail, sandbox);
      const opened = await user.open(mail.raw, (await viewer.senderKey())?.armoured ?? null);
      if (opened.kind !== 'opened') return null;
      const { message, signature, hidden } = opened;
      const integrity = 'authenticated'; // nothing else comes out of OpenPGP here
      return {
        kind: 'opened',
        method: 'pgp',
        message,
        encrypted: true,
        integrity,
        signature,
        signedBy: null,
        hidden,
      };
    },
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

/** By the octets of a mail: pages ask for the same one again and again. */
const kept = new WeakMap<Buffer, OpenedMail | null>();

/** What the mail program of the sandbox's S/MIME user makes of it; null for mail that is not sealed. */
function openedByErika(mail: SandboxMailView, { smime }: Sandbox): OpenedMail | null {
  if (mail.to.toLowerCase() !== smime.address) return null;
  const known = kept.get(mail.raw);
  if (known !== undefined) return known;
  const found = openWith(mail.raw, smime);
  kept.set(mail.raw, found);
  return found;
}

function openWith(bytes: Buffer, smime: Sandbox['smime']): OpenedMail | null {
  const key = { certificate: readCertificate(smime.certificate), privateKey: smime.privateKey };
  try {
    const { message, encrypted, signed, signer, integrity, protectedHeaders } = openMessage(bytes, [key]);
    const signedBy = signer?.certificate.subject ?? null;
    const signature = signer !== null ? 'good' : signed ? 'bad' : 'none';
    const hidden = protectedHeaders ? ['subject'] : [];
    return { kind: 'opened', method: 'smime', message, encrypted, integrity, signature, signedBy, hidden };
  } catch (error) {
    if (!(error instanceof SmimeRefused)) throw error;
    return error.code === 'not-smime' ? null : { kind: 'refused', method: 'smime', code: error.code };
  }
}
