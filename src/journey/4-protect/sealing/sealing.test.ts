import { afterAll, describe, expect, it } from 'vitest';
import { makePgpKey } from '#platform/keyring';
import { createSealing } from './sealing.ts';

const sealing = createSealing(1);
afterAll(() => sealing.close());

describe('sealing in a thread', () => {
  it('leaves the caller its octets', async () => {
    const [clinic, anna] = await Promise.all([
      makePgpKey('Clinic', 'office@clinic.test', new Date()),
      makePgpKey('Anna', 'anna@x.test', new Date()),
    ]);
    const message = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), Buffer.alloc(4 << 20, 'Befund ')]);
    const before = Buffer.from(message);
    const sealed = await sealing.seal({
      kind: 'pgp',
      message,
      recipient: anna.toPublic().write(),
      subkey: anna.subkeys[0]?.getKeyID().toHex() ?? '',
      signer: clinic.write(),
      at: new Date(),
    });
    expect(message.equals(before)).toBe(true);
    expect(Buffer.from(sealed.message).includes('-----BEGIN PGP MESSAGE-----')).toBe(true);
    expect(sealed.seipd).toBe(1);
    expect(Buffer.from(sealed.message).includes('Befund')).toBe(false);
  });

  it('names a fault without its text', async () => {
    const broken = sealing.seal({
      kind: 'smime',
      message: Buffer.from('Subject: x\r\n\r\n'),
      certificate: Buffer.from('not a certificate'),
      cipher: 'gcm',
      rsa: 'oaep',
      signature: null,
      at: new Date(),
    });
    await expect(broken).rejects.toThrow(/^DerBroken$/);
  });
});
