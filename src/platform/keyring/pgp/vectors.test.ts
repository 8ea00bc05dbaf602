// RFC 9580's own test vectors. Compared octet by octet with the copies that other implementations test against (rPGP, Bouncy
// Castle, PGPainless and more).
import {
  createMessage,
  decrypt,
  type PrivateKey,
  readCleartextMessage,
  readKey,
  readMessage,
  readPrivateKey,
  readSignature,
  verify,
} from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decryptAndVerify } from './open-octets.ts';
import { PGP_CONFIG } from './pgp-config.ts';
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

const A1_KEY = `-----BEGIN PGP PUBLIC KEY BLOCK-----

xjMEU/NfCxYJKwYBBAHaRw8BAQdAPwmJlL3ZFu1AUxl5NOSofIBzOhKA1i+AEJku
Q+47JAY=
-----END PGP PUBLIC KEY BLOCK-----
`;

/** Over the seven octets \`OpenPGP\`. */
const A2_SIGNATURE = `-----BEGIN PGP SIGNATURE-----

iF4EABYIAAYFAlX5X5UACgkQjP3hIZeWWpr2IgD/VvkMypjiECY3vZg/2xbBMd/S
ftgr9N3lYG4NdWrtM2YBANCcT6EVJ/A44PV/IgHYLy6iyQMyZfps60iehUuuYbQE
-----END PGP SIGNATURE-----
`;

/** The certificate of the key of A.4. */
const A3_CERTIFICATE = `-----BEGIN PGP PUBLIC KEY BLOCK-----

xioGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZu52JGggkLq2EVD34laPCsQYf
GwoAAABCBYJjh3/jAwsJBwUVCg4IDAIWAAKbAwIeCSIhBssYbE8GCaaX5NUt+mxy
KwwfHifBilZwj2Ul7Ce62azJBScJAgcCAAAAAK0oIBA+LX0ifsDm185Ecds2v8lw
gyU2kCcUmKfvBXbAf6rhRYWzuQOwEn7E/aLwIwRaLsdry0+VcallHhSu4RN6HWaE
QsiPlR4zxP/TP7mhfVEe7XWPxtnMUMtf15OyA51YBM4qBmOHf+MZAAAAIIaTJINn
+eUBXbki+PSAld2nhJh/LVmFsS+60WyvXkQ1wpsGGBsKAAAALAWCY4d/4wKbDCIh
BssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce62azJAAAAAAQBIKbpGG2dWTX8
j+VjFM21J0hqWlEg+bdiojWnKfA5AQpWUWtnNwDEM0g12vYxoWM8Y81W+bHBw805
I8kWVkXU6vFOi+HWvv/ira7ofJu16NnoUkhclkUrk0mXubZvyl4GBg==
-----END PGP PUBLIC KEY BLOCK-----
`;

const A6_CLEARTEXT = `-----BEGIN PGP SIGNED MESSAGE-----

What we need from the grocery store:

- - tofu
- - vegetables
- - noodles

-----BEGIN PGP SIGNATURE-----

wpgGARsKAAAAKQWCY5ijYyIhBssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce6
2azJAAAAAGk2IHZJX1AhiJD39eLuPBgiUU9wUA9VHYblySHkBONKU/usJ9BvuAqo
/FvLFuGWMbKAdA+epq7V4HOtAPlBWmU8QOd6aud+aSunHQaaEJ+iTFjP2OMW0KBr
NK2ay45cX1IVAQ==
-----END PGP SIGNATURE-----
`;

const A7_INLINE = `-----BEGIN PGP MESSAGE-----

xEYGAQobIHZJX1AhiJD39eLuPBgiUU9wUA9VHYblySHkBONKU/usyxhsTwYJppfk
1S36bHIrDB8eJ8GKVnCPZSXsJ7rZrMkBy0p1AAAAAABXaGF0IHdlIG5lZWQgZnJv
bSB0aGUgZ3JvY2VyeSBzdG9yZToKCi0gdG9mdQotIHZlZ2V0YWJsZXMKLSBub29k
bGVzCsKYBgEbCgAAACkFgmOYo2MiIQbLGGxPBgmml+TVLfpscisMHx4nwYpWcI9l
JewnutmsyQAAAABpNiB2SV9QIYiQ9/Xi7jwYIlFPcFAPVR2G5ckh5ATjSlP7rCfQ
b7gKqPxbyxbhljGygHQPnqau1eBzrQD5QVplPEDnemrnfmkrpx0GmhCfokxYz9jj
FtCgazStmsuOXF9SFQE=
-----END PGP MESSAGE-----
`;

/** "Hello, world!" in each mode of AEAD, with the session key that the RFC names: its password takes seconds to stretch. */
const SESSION_KEYS = {
  'A.9, EAX': '3881bafe985412459b86c36f98cb9a5e',
  'A.10, OCB': '28e79ab82397d3c63de24ac217d7b791',
  'A.11, GCM': '1936fc8568980274bb900d8319360c77',
} as const;
const BY_PASSWORD = {
  'A.9, EAX': `-----BEGIN PGP MESSAGE-----

w0AGHgcBCwMIpa5XnR/F2Cv/aSJPkZmTs1Bvo7WaanPP+MXvxfQcV/tU4cImgV14
KPX5LEVOtl6+AKtZhsaObnxV0mkCBwEGn/kOOzIZZPOkKRPI3MZhkyUBUifvt+rq
pJ8EwuZ0F11KPSJu1q/LnKmsEiwUcOEcY9TAqyQcapOK1Iv5mlqZuQu6gyXeYQR1
QCWKt5Wala0FHdqW6xVDHf719eIlXKeCYVRuM5o=
-----END PGP MESSAGE-----
`,
  'A.10, OCB': `-----BEGIN PGP MESSAGE-----

wz8GHQcCCwMIVqKY0vXjZFP/z8xcEWZO2520JZDX3EawckG2EsOBLP/76gDyNHsl
ZBEj+IeuYNT9YU4IN9gZ02zSaQIHAgYgpmH3MfyaMDK1YjMmAn46XY21dI6+/wsM
WRDQns3WQf+f04VidYA1vEl1TOG/P/+n2tCjuBBPUTPPQqQQCoPu9MobSAGohGv0
K82nyM6dZeIS8wHLzZj9yt5pSod61CRzI/boVw==
-----END PGP MESSAGE-----
`,
  'A.11, GCM': `-----BEGIN PGP MESSAGE-----

wzwGGgcDCwMI6dOXhbIHAAj/tC58SD70iERXyzcmubPbn/d25fTZpAlS4kRymIUa
v/91Jt8t1VRBdXmneZ/SaQIHAwb8uUSQvLmLvcnRBsYJAmaUD3LontwhtVlrFXax
Ae0Pn/xvxtZbv9JNzQeQlm5tHoWjAFN4TLHYtqBpnvEhVaeyrWJYUxtXZR/Xd3kS
+pXjXZtAIW9ppMJI2yj/QzHxYykHOZ5v+Q==
-----END PGP MESSAGE-----
`,
} as const;

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

  it('A.1, A.2: the version 4 key and its signature, and not over anything else', async () => {
    const known = await readKey({ armoredKey: A1_KEY });
    expect(known.getFingerprint()).toBe('c959bdbafa32a2f89a153b678cfde12197965a9a');
    const good = async (text: string) => {
      const message = await createMessage({ binary: Uint8Array.from(Buffer.from(text)) });
      const signature = await readSignature({ armoredSignature: A2_SIGNATURE });
      // The key has no user id, and so nothing that says that it may sign: its packet alone is asked.
      const [packet] = signature.packets;
      const [literal] = message.packets;
      if (packet === undefined || literal === undefined) throw new Error('not a signature');
      return packet
        .verify(known.keyPacket, 0, literal, undefined, true)
        .then(() => true)
        .catch(() => false);
    };
    expect(await good('OpenPGP')).toBe(true);
    expect(await good('OpenPGP!')).toBe(false);
  });

  it('A.3: the certificate of the key of A.4, with a subkey to encrypt to', async () => {
    const read = await readPublicKey(A3_CERTIFICATE);
    if (typeof read === 'string') throw new Error(read);
    expect(read.octets).toEqual(Buffer.from(key.toPublic().write()));
    const verdict = await judgeKey(read, NOW);
    expect(verdict.kind === 'usable' && verdict.subkey.getFingerprint()).toBe(
      '12c83f1e706f6308fe151a417743a1f033790e93e9978488d1db378da9930885',
    );
  });

  it('A.6, A.7: version 6 signatures', async () => {
    const certificate = await readKey({ armoredKey: A3_CERTIFICATE });
    const cleartext = await readCleartextMessage({ cleartextMessage: A6_CLEARTEXT });
    const inline = await readMessage({ armoredMessage: A7_INLINE });
    const options = { verificationKeys: certificate, config: PGP_CONFIG, date: NOW };
    for (const { signatures } of [
      await verify({ message: cleartext, ...options }),
      await verify({ message: inline, ...options }),
    ]) {
      expect(signatures).toHaveLength(1);
      expect(await signatures[0]?.verified).toBe(true);
    }
  });

  const MODES = ['A.9, EAX', 'A.10, OCB', 'A.11, GCM'] as const;
  it.each(MODES)('%s: opens, and changed nothing comes out', async (name) => {
    const sessionKeys = {
      data: Uint8Array.from(Buffer.from(SESSION_KEYS[name], 'hex')),
      algorithm: 'aes128',
    };
    const open = async (armoredMessage: string) => {
      const message = await readMessage({ armoredMessage, config: PGP_CONFIG });
      return (await decrypt({ message, sessionKeys, config: PGP_CONFIG })).data;
    };
    const text = BY_PASSWORD[name];
    expect(await open(text)).toBe('Hello, world!');
    const lines = text.split('\n');
    const last = lines.length - 4;
    lines[last] = (lines[last] ?? '').replace(/^./, (one) => (one === 'A' ? 'B' : 'A'));
    await expect(open(lines.join('\n'))).rejects.toThrow();
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
