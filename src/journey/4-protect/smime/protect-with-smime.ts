import { addressText } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { Content } from '#core/message';
import { ProtectionUnavailable, type Protector } from '#core/protection';
import { OID, type RecipientKey } from '#platform/keyring';
import { contentOf } from '#platform/net';
import { asBuffer, type Sealing } from '../sealing/sealing.ts';
import type { SigningKey } from './sign.ts';

/** What sealing needs to know of keys. */
export interface SmimeKeys {
  recipient(organisation: OrganisationId, address: string): Promise<RecipientKey>;
  signing(organisation: OrganisationId): Promise<SigningKey | null>;
}

/**
 * Largest message that is sealed, octets. It stands in memory several times over meanwhile, and grows by more than a
 * third: mail servers would hardly take it. Larger ones go another way.
 */
const LARGEST = 25 << 20;

type UsableKey = RecipientKey & { readonly kind: 'usable' };

/**
 * S/MIME 4 (RFC 8551): signed with the organisation's certificate where it has one, then encrypted to the recipient's.
 * ProtectionUnavailable where the recipient has no certificate that may be used now.
 */
export function protectWithSmime(
  keys: SmimeKeys,
  sealing: Pick<Sealing, 'seal'>,
  now: () => Date,
): Protector {
  return {
    method: 'smime',
    async protect({ message, content, recipient }) {
      const { organisation } = message;
      if (content.size > LARGEST) throw new ProtectionUnavailable('smime', 'message-too-large');
      const key = await keys.recipient(organisation, addressText(recipient));
      if (key.kind === 'refused') {
        throw new ProtectionUnavailable('smime', key.code, key.reason === null ? {} : { reason: key.reason });
      }
      const { signature } = key.settings;
      const signing = signature === 'none' ? null : await keys.signing(organisation);
      const algorithms = algorithmsFor(key);
      const sealed = await sealing.seal({
        kind: 'smime',
        message: await whole(content),
        certificate: key.certificate.raw,
        ...algorithms,
        signature: signing === null || signature === 'none' ? null : signatureTask(signing, signature),
        at: now(),
      });
      const seal = { key: key.id ?? 'directory', algorithm: algorithmText(key, algorithms) };
      return { kind: 'self-protected', content: contentOf(asBuffer(sealed.message)), seal };
    },
  };
}

function signatureTask({ certificate, others, privateKey }: SigningKey, form: 'clear' | 'opaque') {
  return { form, certificate: certificate.raw, others: others.map(({ raw }) => raw), privateKey };
}

/** What the recipient's software has said that it reads decides, unless the organisation has decided. */
function algorithmsFor({ settings, capabilities }: UsableKey) {
  const gcm = [OID.aes256Gcm, OID.aes128Gcm].some((oid) => capabilities.includes(oid));
  const cipher = settings.cipher === 'auto' ? (gcm ? 'gcm' : 'cbc') : settings.cipher;
  const oaep = capabilities.includes(OID.oaep) || gcm;
  const rsa = settings.keyTransport === 'auto' ? (oaep ? 'oaep' : 'pkcs1') : settings.keyTransport;
  return { cipher, rsa } as const;
}

/** For the proof of protection (SL-11). */
function algorithmText(
  { certificate }: UsableKey,
  { cipher, rsa }: ReturnType<typeof algorithmsFor>,
): string {
  const transport = certificate.key.kind === 'ec' ? 'ECDH' : rsa === 'oaep' ? 'RSA-OAEP' : 'RSA PKCS #1 v1.5';
  return `S/MIME, ${transport}, AES-256-${cipher.toUpperCase()}`;
}

async function whole(content: Content): Promise<Buffer> {
  if (content.bytes !== null) return content.bytes;
  const parts: Buffer[] = [];
  for await (const part of content.open()) parts.push(part);
  return Buffer.concat(parts);
}
