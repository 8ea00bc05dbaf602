import { armor, type Certificate, createOctetSealer, readCertificate } from '#platform/keyring';
import { buildPgpMime, protectHeaders } from '#platform/mail';
import { sealMessage } from '../smime/seal-message.ts';
import type { Sealed, SealingTask, SmimeTask } from './sealing-task.ts';

/** Certificates that stay read. */
const KEPT_MOST = 500;

/** Seals copies one after the other, and keeps what it has read of keys. One a thread. */
export function createSealer(): (task: SealingTask) => Promise<Sealed> {
  const sealOctets = createOctetSealer();
  const certificateOf = createCertificateReader();
  return async (task) => {
    if (task.kind === 'smime')
      return { message: await sealMessage(...smimeChoice(task, certificateOf)), seipd: 0 };
    const { payload, outer } = protectHeaders(Buffer.from(task.message));
    const sealed = await sealOctets(payload, task, task.at);
    const armoured = armor('MESSAGE', sealed.octets, sealed.seipd === 1);
    return { message: buildPgpMime(outer, armoured), seipd: sealed.seipd };
  };
}

function smimeChoice(
  { message, certificate, cipher, rsa, signature, at }: SmimeTask,
  certificateOf: (octets: Uint8Array) => Certificate,
): Parameters<typeof sealMessage> {
  const signing =
    signature === null
      ? null
      : {
          form: signature.form,
          key: {
            certificate: certificateOf(signature.certificate),
            others: signature.others.map(certificateOf),
            privateKey: signature.privateKey,
          },
        };
  return [
    Buffer.from(message),
    { certificate: certificateOf(certificate), cipher, rsa, signature: signing, at },
  ];
}

function createCertificateReader(): (octets: Uint8Array) => Certificate {
  const kept = new Map<string, Certificate>();
  return (octets) => {
    const name = Buffer.from(octets).toString('latin1');
    const known = kept.get(name);
    if (known !== undefined) return known;
    const read = readCertificate(Buffer.from(octets));
    kept.set(name, read);
    const oldest = kept.size > KEPT_MOST ? kept.keys().next() : undefined;
    if (oldest?.done === false) kept.delete(oldest.value);
    return read;
  };
}
