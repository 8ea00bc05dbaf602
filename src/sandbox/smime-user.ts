import { createPrivateKey, type KeyObject } from 'node:crypto';
import { OID } from '#platform/keyring';
import type { SandboxAuthority } from './certificates.ts';

/** Somebody whose mail program reads S/MIME. Key and certificate live as long as the sandbox does. */
export interface SandboxSmimeUser {
  /** `local@domain`, lower case. */
  readonly address: string;
  /** DER. */
  readonly certificate: Buffer;
  readonly privateKey: KeyObject;
  /** The authority that vouches for it, DER. */
  readonly authority: Buffer;
  /** What the program reads, dotted text. */
  readonly capabilities: readonly string[];
}

const ADDRESS = 'erika@smime.test';

export async function createSmimeUser(authority: SandboxAuthority): Promise<SandboxSmimeUser> {
  const { cert, key } = await authority.issueMail(ADDRESS);
  return {
    address: ADDRESS,
    certificate: fromPem(cert),
    privateKey: createPrivateKey(key),
    authority: fromPem(authority.root),
    capabilities: [OID.aes256Gcm, OID.aes256Cbc],
  };
}

function fromPem(text: string): Buffer {
  return Buffer.from(text.replace(/-----[^-]+-----/g, ''), 'base64');
}
