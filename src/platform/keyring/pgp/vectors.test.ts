// RFC 9580's own test vectors, as they stand there.
import { type PrivateKey, readPrivateKey } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decryptAndVerify } from './open-octets.ts';
import { judgeKey, readPublicKey } from './public-key.ts';
import { signAndEncrypt } from './seal-octets.ts';

/** RFC 9580 A.4: sample version 6 secret key (transferable secret key). */
const KEY = `-----BEGIN PGP PRIVATE KEY BLOCK-----

xUsGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZu52JGggkLq2EVD34laMAGXKB
exK+cH6NX1hs5hNhIB00TrJmosgv3mg1ditlsLfCsQYfGwoAAABCBYJjh3/jAwsJ
BwUVCg4IDAIWAAKbAwIeCSIhBssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce6
2azJBScJAgcCAAAAAK0oIBA+LX0ifsDm185Ecds2v8lwgyU2kCcUmKfvBXbAf6rh
RYWzuQOwEn7E/aLwIwRaLsdry0+VcallHhSu4RN6HWaEQsiPlR4zxP/TP7mhfVEe
7XWPxtnMUMtf15OyA51YBMdLBmOHf+MZAAAAIIaTJINn+eUBXbki+PSAld2nhJh/
LVmFsS+60WyvXkQ1AE1gCk95TUR3XFeibg/u/tVY6a//1q0NWC1X+yui3O24wpsG
GBsKAAAALAWCY4d/4wKbDCIhBssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce6
2azJAAAAAAQBIKbpGG2dWTX8j+VjFM21J0hqWlEg+bdiojWnKfA5AQpWUWtnNwDE
M0g12vYxoWM8Y81W+bHBw805I8kWVkXU6vFOi+HWvv/ira7ofJu16NnoUkhclkUr
k0mXubZvyl4GBg==
-----END PGP PRIVATE KEY BLOCK-----
`;

/** RFC 9580 A.8: sample X25519-AEAD-OCB encryption; "Hello, world!" to the key of A.4. */
const MESSAGE = `-----BEGIN PGP MESSAGE-----

wV0GIQYSyD8ecG9jCP4VGkF3Q6HwM3kOk+mXhIjR2zeNqZMIhRmHzxjV8bU/gXzO
WgBM85PMiVi93AZfJfhK9QmxfdNnZBjeo1VDeVZheQHgaVf7yopqR6W1FT6NOrfS
aQIHAgZhZBZTW+CwcW1g4FKlbExAf56zaw76/prQoN+bAzxpohup69LA7JW/Vp0l
yZnuSj3hcFj0DfqLTGgr4/u717J+sPWbtQBfgMfG9AOIwwrUBqsFE9zW+f1zdlYo
bhF30A+IitsxxA==
-----END PGP MESSAGE-----
`;

const NOW = new Date();
let key: PrivateKey;
beforeAll(async () => {
  key = await readPrivateKey({ armoredKey: KEY });
});

const open = (message: string | Uint8Array, from: readonly PrivateKey[] = []) =>
  decryptAndVerify(message, { decryptionKeys: [key], verificationKeys: [...from], now: NOW });

describe('vectors of RFC 9580', () => {
  it('A.4: reads the version 6 key by its fingerprint', async () => {
    const read = await readPublicKey(Buffer.from(key.toPublic().write()));
    // RFC 9580 A.3 names it.
    expect(typeof read === 'string' ? read : read.fingerprint).toBe(
      'cb186c4f0609a697e4d52dfa6c722b0c1f1e27c18a56708f6525ec27bad9acc9',
    );
  });

  it('A.8: opens the AEAD message, which is not signed', async () => {
    expect(await open(MESSAGE)).toEqual({
      kind: 'opened',
      octets: Buffer.from('Hello, world!'),
      signature: 'none',
    });
  });

  it('A.8, changed in any line: nothing comes out', async () => {
    for (const line of MESSAGE.split('\n').slice(2, -2)) {
      const changed = MESSAGE.replace(
        line,
        line.replace(/^(.{10})(.)/, (_, head: string, one: string) => head + (one === 'A' ? 'B' : 'A')),
      );
      expect(changed).not.toBe(MESSAGE);
      expect(await open(changed)).toEqual({ kind: 'unreadable' });
    }
  });

  it('A.4: is written to with AEAD, signed by it as well', async () => {
    const recipient = await readPublicKey(Buffer.from(key.toPublic().write()));
    if (typeof recipient === 'string') throw new Error(recipient);
    const verdict = await judgeKey(recipient, NOW);
    if (verdict.kind !== 'usable') throw new Error(verdict.reason);
    const sealed = await signAndEncrypt(Buffer.from('x'), { recipient, verdict, signer: key, now: NOW });
    expect(sealed.seipd).toBe(2);
    expect(await open(sealed.octets, [key])).toMatchObject({ kind: 'opened', signature: 'good' });
  });
});
