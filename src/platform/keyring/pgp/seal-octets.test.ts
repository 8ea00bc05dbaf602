import fc from 'fast-check';
import { generateKey, type PrivateKey, readMessage } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { armor } from './armor.ts';
import { makePgpKey } from './make-key.ts';
import { decryptAndVerify } from './open-octets.ts';
import { judgeKey, readPublicKey } from './public-key.ts';
import { signAndEncrypt } from './seal-octets.ts';

const NOW = new Date();
let clinic: PrivateKey;
let anna: PrivateKey;
let ben: PrivateKey;

beforeAll(async () => {
  [clinic, anna, ben] = await Promise.all([
    makePgpKey('Clinic', 'office@clinic.example', NOW),
    makePgpKey('Anna', 'anna@example.org', NOW),
    makePgpKey('Ben', 'ben@example.org', NOW),
  ]);
});

async function seal(octets: Uint8Array, to: PrivateKey): Promise<Uint8Array> {
  const recipient = await readPublicKey(Buffer.from(to.toPublic().write()));
  if (typeof recipient === 'string') throw new Error(recipient);
  const verdict = await judgeKey(recipient, NOW);
  if (verdict.kind !== 'usable') throw new Error(verdict.reason);
  return (await signAndEncrypt(octets, { recipient, verdict, signer: clinic, now: NOW })).octets;
}

const open = (sealed: Uint8Array | string, key: PrivateKey, from: readonly PrivateKey[] = [clinic]) =>
  decryptAndVerify(sealed, {
    decryptionKeys: [key],
    verificationKeys: from.map((one) => one.toPublic()),
    now: NOW,
  });

describe('sealing and opening', () => {
  it('gives back every octet, signed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4_000 }), async (octets) => {
        const opened = await open(
          armor('MESSAGE', await seal(octets, anna), octets.length % 2 === 0).toString('latin1'),
          anna,
        );
        expect(opened).toEqual({ kind: 'opened', octets: Buffer.from(octets), signature: 'good' });
      }),
      { numRuns: 25 },
    );
  });

  it('keeps 8 MiB as they are', async () => {
    const octets = Buffer.alloc(8 << 20, 'äöü\r\n.\n');
    const opened = await open(await seal(octets, anna), anna);
    expect(opened.kind === 'opened' && opened.octets.equals(octets)).toBe(true);
  }, 20_000);

  it('opens for nobody else', async () => {
    expect(await open(await seal(Buffer.from('x'), anna), ben)).toEqual({ kind: 'unreadable' });
  });

  it('tells who signed: known, unknown, nobody', async () => {
    const sealed = await seal(Buffer.from('x'), anna);
    expect(await open(sealed, anna, [ben])).toMatchObject({ signature: 'unknown' });
    expect(await open(sealed, anna, [])).toMatchObject({ signature: 'unknown' });
  });

  it('lets not one octet out of a message that was changed or cut anywhere', async () => {
    const sealed = Buffer.from(await seal(Buffer.alloc(300, 'secret '), anna));
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const opened = await open(changed, anna);
        // A changed key id or recipient hint may still lead to the right key: then all of it is as it was.
        if (opened.kind === 'opened')
          expect(opened.octets.toString()).toBe('secret '.repeat(43).slice(0, 300));
      }),
      { numRuns: 60 },
    );
    for (const end of [20, sealed.length - 30, sealed.length - 1])
      expect(await open(sealed.subarray(0, end), anna)).toEqual({ kind: 'unreadable' });
  });

  it('uses AEAD only for keys that announce it', async () => {
    const packets = async (sealed: Uint8Array) =>
      (await readMessage({ binaryMessage: sealed })).packets.map((packet) => [
        packet.constructor.name,
        Reflect.get(packet, 'version'),
      ]);
    expect(await packets(await seal(Buffer.from('x'), anna))).toEqual([
      ['PublicKeyEncryptedSessionKeyPacket', 3],
      ['SymEncryptedIntegrityProtectedDataPacket', 1],
    ]);
    const { privateKey: newer } = await generateKey({
      type: 'curve25519',
      userIDs: [{ email: 'cleo@example.org' }],
      date: NOW,
      format: 'object',
      config: { v6Keys: true, aeadProtect: true },
    });
    const sealed = await seal(Buffer.from('x'), newer);
    expect(await packets(sealed)).toEqual([
      ['PublicKeyEncryptedSessionKeyPacket', 6],
      ['SymEncryptedIntegrityProtectedDataPacket', 2],
    ]);
    expect(await open(sealed, newer)).toMatchObject({ kind: 'opened', signature: 'good' });
  });

  it('armours in short lines with CRLF and nothing else', () => {
    const text = armor('MESSAGE', Buffer.alloc(100, 7), false).toString('latin1');
    expect(text.startsWith('-----BEGIN PGP MESSAGE-----\r\n\r\n')).toBe(true);
    // The check value of CRC-24/OPENPGP for "123456789" is 0x21cf02.
    expect(armor('MESSAGE', Buffer.from('123456789'), true).toString()).toContain('\r\n=Ic8C\r\n-----END');
    expect(text).not.toContain('\r\n=');
    expect(text.endsWith('\r\n-----END PGP MESSAGE-----\r\n')).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBe(64);
  });
});
