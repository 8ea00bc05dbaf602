import type { DkimKey } from './keyring.ts';

/** What to publish as TXT (RFC 6376 §3.6.1, RFC 8463 §4). */
export interface DkimRecord {
  readonly name: string;
  /** The whole text; split it as `strings` for servers that take one string of 255 octets at most. */
  readonly text: string;
  readonly strings: readonly string[];
}

type Published = Pick<DkimKey, 'domain' | 'selector' | 'algorithm' | 'publicKey'> & {
  /**
   * What the key may sign; without it everything. RFC 8460 §3 wants `tlsrpt` for reports; with that alone ordinary mail
   * filters, which reports pass first, would take the key for none (RFC 6376 §3.6.1).
   */
  readonly service?: 'tlsrpt:email';
};

export function dnsRecord(key: Published): DkimRecord {
  const [type, octets] =
    key.algorithm === 'rsa-sha256'
      ? ['rsa', key.publicKey.export({ type: 'spki', format: 'der' })]
      : ['ed25519', rawEd25519(key.publicKey.export({ format: 'jwk' }).x)];
  const text = `v=DKIM1; k=${type}; ${key.service === undefined ? '' : `s=${key.service}; `}p=${octets.toString('base64')}`;
  return {
    name: `${key.selector}._domainkey.${key.domain}`,
    text,
    strings: text.match(/.{1,255}/g) ?? [],
  };
}

/** The 32 octets that RFC 8463 wants, without the SubjectPublicKeyInfo around them. */
function rawEd25519(x: string | undefined): Buffer {
  if (x === undefined) throw new TypeError('not an Ed25519 key');
  return Buffer.from(x, 'base64url');
}
