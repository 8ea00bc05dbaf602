import { randomBytes } from 'node:crypto';
import type { Certificate } from '#platform/keyring';
import { base64Octets, protectHeaders } from '#platform/mail';
import { type ContentCipher, envelop, type RsaTransport } from './envelop.ts';
import { type SigningKey, signatureKind, signData } from './sign.ts';

/** How one copy is to be sealed. */
export interface SealChoice {
  readonly certificate: Certificate;
  readonly cipher: ContentCipher;
  readonly rsa: RsaTransport;
  /** Null: encrypted only. `clear`: multipart/signed inside, which every client shows; `opaque`: SignedData around it. */
  readonly signature: { readonly key: SigningKey; readonly form: 'clear' | 'opaque' } | null;
  readonly at: Date;
}

/**
 * An RFC 5322 message signed, then encrypted (RFC 8551 §3.6), its header protected (RFC 9788): a whole message that
 * says outside only who writes to whom and when.
 */
export async function sealMessage(message: Buffer, choice: SealChoice): Promise<Buffer> {
  const { payload, outer } = protectHeaders(message);
  const inside = choice.signature === null ? payload : await signed(payload, choice.signature, choice.at);
  const octets = envelop(inside, choice.certificate, choice.cipher, choice.rsa);
  const kind = choice.cipher === 'gcm' ? 'authEnveloped-data' : 'enveloped-data';
  return Buffer.concat([outer, Buffer.from('MIME-Version: 1.0\r\n'), pkcs7(octets, kind, 'smime.p7m')]);
}

async function signed(
  payload: Buffer,
  { key, form }: NonNullable<SealChoice['signature']>,
  at: Date,
): Promise<Buffer> {
  const octets = await signData(payload, key, form === 'clear', at);
  if (form === 'opaque') return pkcs7(octets, 'signed-data', 'smime.p7m');
  const boundary = `smime-${randomBytes(18).toString('base64url')}`;
  const { micalg } = signatureKind(key.certificate);
  const head =
    `Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n` +
    ` micalg=${micalg}; boundary="${boundary}"\r\n\r\n--${boundary}\r\n`;
  const middle =
    `\r\n--${boundary}\r\nContent-Type: application/pkcs7-signature; name="smime.p7s"\r\n` +
    `Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="smime.p7s"\r\n\r\n`;
  return Buffer.concat([
    Buffer.from(head),
    payload,
    Buffer.from(middle),
    base64Octets(octets),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}

/** An application/pkcs7-mime entity (RFC 8551 §3.2). */
function pkcs7(octets: Buffer, kind: string, name: string): Buffer {
  const head =
    `Content-Type: application/pkcs7-mime; smime-type=${kind}; name="${name}"\r\n` +
    `Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), base64Octets(octets)]);
}
