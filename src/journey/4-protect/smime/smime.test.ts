import { describe, expect, it } from 'vitest';
import type { Address } from '#core/address';
import { isUuid, type MessageId, type OrganisationId } from '#core/ids';
import type { Message } from '#core/message';
import { ProtectionUnavailable, type ProtectRequest } from '#core/protection';
import { OID, type RecipientKey } from '#platform/keyring';
import { protectHeaders } from '#platform/mail';
import { contentOf } from '#platform/net';
import { newId } from '#platform/runtime';
import {
  makeAuthority,
  makeCertificate,
} from '../../../platform/keyring/certificates/certificate-fixture.ts';
import { createSealer } from '../sealing/seal-task.ts';
import { readEntity } from './entity.ts';
import { openMessage } from './open-message.ts';
import { protectWithSmime } from './protect-with-smime.ts';
import { SmimeRefused } from './refused.ts';
import { type SealChoice, sealMessage } from './seal-message.ts';
import { signData } from './sign.ts';

const root = makeAuthority();
const erika = makeCertificate({ name: 'Erika', issuer: root, emails: ['erika@x.test'] });
const anna = makeCertificate({ name: 'Anna', issuer: root, key: 'rsa', emails: ['anna@x.test'] });
const clinic = makeCertificate({ name: 'Clinic', issuer: root, emails: ['office@clinic.test'] });
const signing = { ...clinic, others: [] };
const crlf = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'));
const MESSAGE = crlf(
  'From: office@clinic.test',
  'To: erika@x.test',
  'Subject: Ferritin',
  ' 14',
  'X-Ward: 7b',
  'Message-ID: <1@clinic.test>',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Café',
  '',
);

const choice = (change: Partial<SealChoice> = {}): SealChoice => ({
  certificate: erika.certificate,
  cipher: 'gcm',
  rsa: 'oaep',
  signature: { key: signing, form: 'clear' },
  at: new Date(),
  ...change,
});

/** The DER inside a sealed message, changed, and the message again. */
function tampered(sealed: Buffer, change: (octets: Buffer) => void): Buffer {
  const { header, body } = readEntity(sealed);
  const octets = Buffer.from(body.toString('latin1'), 'base64');
  change(octets);
  return Buffer.concat([header, Buffer.from(`\r\n${octets.toString('base64')}\r\n`)]);
}

describe('a sealed message', () => {
  it.each([
    ['GCM, signed in clear', {}, 'authenticated'],
    ['CBC, signed opaque', { cipher: 'cbc', signature: { key: signing, form: 'opaque' } }, 'signed'],
    ['CBC, unsigned', { cipher: 'cbc', signature: null }, 'none'],
    ['RSA, PKCS#1', { certificate: anna.certificate, rsa: 'pkcs1' }, 'authenticated'],
  ] as const)('comes back whole: %s', async (_, change, integrity) => {
    const sealed = await sealMessage(MESSAGE, choice(change));
    const opened = openMessage(sealed, [erika, anna]);
    const text = opened.message.toString();
    expect(opened).toMatchObject({ encrypted: true, protectedHeaders: true, integrity });
    for (const part of ['Subject: Ferritin\r\n 14\r\n', 'X-Ward: 7b', 'Café']) expect(text).toContain(part);
    expect(text).not.toMatch(/HP-Outer/i);
  });

  it('says outside only who writes to whom, and when', async () => {
    const sealed = (await sealMessage(MESSAGE, choice())).toString('latin1');
    const { fields } = readEntity(Buffer.from(sealed, 'latin1'));
    expect(fields.map(({ name }) => name)).toEqual([
      'From',
      'To',
      'Subject',
      'Message-ID',
      'MIME-Version',
      'Content-Type',
      'Content-Transfer-Encoding',
      'Content-Disposition',
    ]);
    expect(fields.find(({ key }) => key === 'subject')?.value).toBe('[...]');
    expect(sealed.split('\r\n').every((line) => line.length <= 998)).toBe(true);
  });

  it('marks its payload and records what stood outside (RFC 9788)', () => {
    const text = protectHeaders(MESSAGE).payload.toString();
    expect(text).toContain('Content-Type: text/plain; charset=utf-8;\r\n hp="cipher"\r\n');
    expect(text).toContain('HP-Outer: Subject: [...]\r\n');
    expect(text).not.toContain('HP-Outer: X-Ward');
  });

  it('does not believe marks that the sender has written', () => {
    const forged = crlf(
      'From: a@x.test',
      'HP-Outer: Subject: x',
      'Content-Type: text/plain; hp="clear"',
      '',
      '',
    );
    const text = protectHeaders(forged).payload.toString();
    expect(text.match(/hp="/g)).toEqual(['hp="']);
    expect(text).not.toContain('Subject: x');
  });

  it('is for its recipient only', async () => {
    const sealed = await sealMessage(MESSAGE, choice());
    expect(() => openMessage(sealed, [anna])).toThrow(new SmimeRefused('not-for-us'));
  });
});

describe('a message that was changed on the way', () => {
  it('is refused whole with GCM, wherever one bit was changed behind the recipient', async () => {
    const sealed = await sealMessage(MESSAGE, choice());
    const size = Buffer.from(readEntity(sealed).body.toString('latin1'), 'base64').length;
    for (let at = size - 1; at > size - 1_200; at -= 97) {
      const broken = tampered(sealed, (octets) => {
        octets[at] = (octets[at] ?? 0) ^ 1;
      });
      expect(() => openMessage(broken, [erika])).toThrow(new SmimeRefused('broken'));
    }
  });

  it('with CBC loses its signature, and then counts as nobody’s', async () => {
    const sealed = await sealMessage(MESSAGE, choice({ cipher: 'cbc' }));
    const broken = tampered(sealed, (octets) => {
      // Inside the signature at the end, two blocks before the padding.
      const at = octets.length - 260;
      octets[at] = (octets[at] ?? 0) ^ 1;
    });
    let integrity = 'refused';
    try {
      ({ integrity } = openMessage(broken, [erika]));
    } catch (error) {
      expect(error).toBeInstanceOf(SmimeRefused);
    }
    expect(['refused', 'none']).toContain(integrity);
  });

  it('tells nothing of which step failed with RSA', async () => {
    const sealed = await sealMessage(
      MESSAGE,
      choice({ certificate: anna.certificate, rsa: 'pkcs1', cipher: 'cbc' }),
    );
    const key = readEntity(sealed);
    const octets = Buffer.from(key.body.toString('latin1'), 'base64');
    const broken = tampered(sealed, (changed) => {
      // Somewhere in the encrypted key, which stands in the first 600 octets.
      const at = octets.indexOf(Buffer.from('04820100', 'hex')) + 40;
      changed[at] = (changed[at] ?? 0) ^ 0x55;
    });
    expect(() => openMessage(broken, [anna])).toThrow(new SmimeRefused('broken'));
  });
});

describe('against EFAIL and its like', () => {
  it('does not open what stands as one part beside others', async () => {
    const { header, body } = readEntity(await sealMessage(MESSAGE, choice()));
    const part = header.subarray(header.indexOf('Content-Type'));
    const wrapped = Buffer.concat([
      crlf(
        'From: eve@x.test',
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: text/html',
        '',
        '<img src="http://eve.test/',
        '--b',
        '',
      ),
      part,
      Buffer.from('\r\n'),
      body,
      crlf('', '--b--', ''),
    ]);
    expect(() => openMessage(wrapped, [erika])).toThrow(new SmimeRefused('not-smime'));
  });

  it('shows what was signed, not what was put beside it', async () => {
    const octets = await signData(
      Buffer.from('Content-Type: text/plain\r\n\r\nsigned'),
      signing,
      false,
      new Date(),
    );
    const mail = crlf(
      'From: office@clinic.test',
      'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'not signed',
      '--b',
      'Content-Type: application/pkcs7-signature',
      'Content-Transfer-Encoding: base64',
      '',
      octets.toString('base64'),
      '--b--',
      '',
    );
    expect(() => openMessage(mail, [])).toThrow(new SmimeRefused('broken'));
  });

  it('finds a changed text under a good signature', async () => {
    const payload = 'Content-Type: text/plain\r\n\r\nPay 10';
    const octets = await signData(Buffer.from(payload), signing, true, new Date());
    const mail = (text: string) =>
      crlf(
        'From: office@clinic.test',
        'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=b',
        '',
        '--b',
        text,
        '--b',
        'Content-Type: application/pkcs7-signature',
        'Content-Transfer-Encoding: base64',
        '',
        octets.toString('base64'),
        '--b--',
        '',
      );
    expect(openMessage(mail(payload), []).signer?.certificate.subject).toBe('Clinic');
    expect(openMessage(mail(payload.replace('10', '99')), [])).toMatchObject({
      signed: true,
      signer: null,
      integrity: 'none',
    });
  });
});

const isId = (text: string): text is OrganisationId & MessageId => isUuid(text);

describe('the protector', () => {
  const settings = { revocation: 'soft', cipher: 'auto', keyTransport: 'auto', signature: 'clear' } as const;
  const usable = (change: object = {}, capabilities: readonly string[] = []): RecipientKey => ({
    kind: 'usable',
    certificate: anna.certificate,
    others: [],
    capabilities,
    settings: { ...settings, ...change },
  });
  const recipient: Address = { local: 'anna', domain: 'x.test' };

  function request(content = contentOf(MESSAGE)): ProtectRequest {
    const id = newId();
    if (!isId(id)) throw new TypeError('not an id');
    const message: Pick<Message, 'organisation' | 'id'> = { organisation: id, id };
    return {
      // The protector looks at nothing else of a message.
      message: message as Message,
      content,
      recipient,
      decision: {
        method: 'smime',
        order: ['smime'],
        tls: { minimum: '1.2', authentication: 'verified' },
        policyVersion: 1,
        reasons: [],
      },
    };
  }

  const protector = (key: RecipientKey) =>
    protectWithSmime(
      { recipient: async () => key, signing: async () => signing },
      { seal: createSealer() },
      () => new Date(),
    );

  it.each([
    ['GCM and OAEP where the recipient reads GCM', usable({}, [OID.aes256Gcm]), OID.aes256Gcm, OID.oaep],
    ['CBC and PKCS#1 where nothing is known', usable(), OID.aes256Cbc, OID.rsa],
    ['OAEP where the recipient reads it', usable({}, [OID.oaep]), OID.aes256Cbc, OID.oaep],
    [
      'what the organisation has decided',
      usable({ cipher: 'gcm', keyTransport: 'pkcs1' }),
      OID.aes256Gcm,
      OID.rsa,
    ],
    [
      'CBC by decision',
      usable({ cipher: 'cbc', keyTransport: 'oaep' }, [OID.aes256Gcm]),
      OID.aes256Cbc,
      OID.oaep,
    ],
  ])('takes %s', async (_, key, cipher, transport) => {
    const { objectId } = await import('#platform/keyring');
    const sealed = await protector(key).protect(request());
    if (sealed.kind !== 'self-protected' || sealed.content.bytes === null) throw new TypeError('not sealed');
    const octets = Buffer.from(readEntity(sealed.content.bytes).body.toString('latin1'), 'base64');
    expect([cipher, transport].map((oid) => octets.includes(objectId(oid)))).toEqual([true, true]);
    expect(openMessage(sealed.content.bytes, [anna]).signer?.certificate.subject).toBe('Clinic');
  });

  it('leaves the signature out where the organisation wants none', async () => {
    const sealed = await protector(usable({ signature: 'none' })).protect(request());
    if (sealed.kind !== 'self-protected' || sealed.content.bytes === null) throw new TypeError('not sealed');
    expect(openMessage(sealed.content.bytes, [anna])).toMatchObject({ signed: false });
  });

  it.each([
    'no-key',
    'key-expired',
    'key-unusable',
    'key-untrusted',
    'key-revoked',
    'revocation-unknown',
  ] as const)('says that it cannot: %s', async (code) => {
    const key: RecipientKey = { kind: 'refused', code, reason: null };
    const tried = protector(key).protect(request());
    await expect(tried).rejects.toThrow(ProtectionUnavailable);
    await expect(tried).rejects.toMatchObject({ failure: { method: 'smime', code } });
  });

  it('does not take what mail servers would not', async () => {
    const huge = { ...contentOf(MESSAGE), size: 26 << 20 };
    await expect(protector(usable()).protect(request(huge))).rejects.toMatchObject({
      failure: { code: 'message-too-large' },
    });
  });

  it('reads content that comes as a stream', async () => {
    const sealed = await protector(usable()).protect(request({ ...contentOf(MESSAGE), bytes: null }));
    if (sealed.kind !== 'self-protected' || sealed.content.bytes === null) throw new TypeError('not sealed');
    expect(openMessage(sealed.content.bytes, [anna]).message.toString()).toContain('Café');
  });
});
