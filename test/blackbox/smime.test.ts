// S/MIME from the organisation's settings to the recipient's mailbox, through the API of a running installation.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealMessage } from '../../src/journey/4-protect/smime/seal-message.ts';
import { signData } from '../../src/journey/4-protect/smime/sign.ts';
import {
  type Made,
  makeAuthority,
  makeCertificate,
} from '../../src/platform/keyring/certificates/certificate-fixture.ts';
import {
  entryOf,
  identityOf,
  resultOf,
  startDirectory,
} from '../../src/platform/keyring/ldap/directory-fixture.ts';
import { issue } from '../../src/platform/net/certificates-fixture.ts';
import {
  type AcceptedAnswer,
  type Administrator,
  type Caller,
  makeKey,
  setUp,
  untilFinal,
} from '../support/api.ts';
import { createBench, type Instance } from '../support/instance.ts';
import { expectCleanLog } from '../support/log-lines.ts';

const bench = createBench();
afterAll(() => bench.close());

interface Standing {
  readonly state: string;
  readonly reason: string | null;
}
interface Listed {
  readonly items: readonly { readonly id: string; readonly address: string; readonly standing: Standing }[];
}
interface SandboxMail {
  readonly subject: string;
  readonly text: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly opened: {
    readonly refused: string | null;
    readonly integrity: string;
    readonly signedBy: string | null;
  } | null;
}

describe('S/MIME in a running installation', () => {
  let instance: Instance;
  let admin: Administrator;
  let console_: Caller;
  let api: Caller;
  let root: Made;

  beforeAll(async () => {
    instance = await bench.start(bench.home(), { SEALPOST_DIRECTORY_NETWORKS: '127.0.0.1' });
    admin = await setUp(instance.consoleUrl, instance.setupToken ?? '');
    console_ = admin.browser.caller;
    api = (await makeKey(admin)).caller;
    root = makeAuthority('Clinic root');
    const policy = await console_.ask<Record<string, unknown> & { version: number; offered: string[] }>(
      'GET',
      '/v1/policy',
    );
    expect(policy.offered).toContain('smime');
    const { version, offered: _, createdAt: __, createdBy: ___, ...document } = policy;
    await console_.ask(
      'PUT',
      '/v1/policy',
      { ...document, methods: ['tls', 'smime', 'portal'] },
      { 'if-match': `"${version}"` },
    );
  });

  const send = (to: string, subject: string) =>
    api.ask<AcceptedAnswer>('POST', '/v1/messages', {
      from: 'ward@clinic.test',
      to: [to],
      subject,
      text: 'Ferritin 14.',
    });

  async function newest(address: string): Promise<SandboxMail> {
    const path = `/v1/sandbox/mailboxes/${encodeURIComponent(address)}/messages`;
    const { items } = await api.ask<{ items: { id: string }[] }>('GET', path);
    return api.ask<SandboxMail>('GET', `${path}/${items[0]?.id}`);
  }

  it('reaches the sandbox’s S/MIME user where TLS cannot, and she reads what was sent', async () => {
    const { id } = await send('erika@smime.test', 'About your iron');
    const message = await untilFinal(api, id);
    expect(message.deliveries.map(({ state, method }) => [state, method])).toEqual([['delivered', 'smime']]);
    const mail = await newest('erika@smime.test');
    expect(mail.subject).toBe('About your iron');
    expect(mail.text).toContain('Ferritin 14.');
    expect(mail.opened).toEqual({
      method: 'smime',
      refused: null,
      encrypted: true,
      integrity: 'authenticated',
      signature: 'none',
      signedBy: null,
      hidden: ['subject'],
    });
    const outer = new Map(mail.headers.map(({ name, value }) => [name.toLowerCase(), value]));
    expect(outer.get('subject')).toBe('[...]');
    expect(outer.get('content-type')).toMatch(/authEnveloped-data/);
  });

  it('signs with the organisation’s certificate, imported as PEM or PKCS #12', async () => {
    const own = makeCertificate({
      name: 'Hillside Kidney Centre',
      issuer: root,
      key: 'rsa',
      emails: ['ward@clinic.test'],
    });
    const imported = await console_.ask<{ standing: Standing; key: string }>(
      'PUT',
      '/v1/signing-certificate',
      {
        kind: 'pem',
        certificate: own.pem + root.pem,
        key: own.keyPem,
      },
    );
    expect(imported.key).toBe('RSA 2048');
    expect(imported.standing.state).toBe('key-untrusted');
    const { id } = await send('erika@smime.test', 'Signed');
    await untilFinal(api, id);
    expect((await newest('erika@smime.test')).opened?.signedBy).toBe('Hillside Kidney Centre');
    const foreign = makeCertificate({ name: 'Other', issuer: root });
    const refused = await console_.call<{ code: string }>('PUT', '/v1/signing-certificate', {
      kind: 'pem',
      certificate: own.pem,
      key: foreign.keyPem,
    });
    expect([refused.status, refused.body.code]).toEqual([422, 'invalid']);
    const home = bench.home();
    writeFileSync(join(home, 'own.pem'), own.pem + own.keyPem + root.pem);
    const made = spawnSync(
      'openssl',
      ['pkcs12', '-export', '-in', join(home, 'own.pem'), '-passout', 'pass:zwölf'],
      { maxBuffer: 1 << 20 },
    );
    if (made.status === 0) {
      const file = made.stdout.toString('base64');
      const wrong = await console_.call('PUT', '/v1/signing-certificate', {
        kind: 'pkcs12',
        file,
        passphrase: 'elf',
      });
      expect(wrong.status).toBe(422);
      expect(JSON.stringify(wrong.body)).toContain('wrong-passphrase');
      await console_.ask('PUT', '/v1/signing-certificate', { kind: 'pkcs12', file, passphrase: 'zwölf' });
    } else console.log('openssl is not here: PKCS #12 is tried in the unit tests only');
    expect((await console_.call('DELETE', '/v1/signing-certificate')).status).toBe(204);
    expect((await console_.call('DELETE', '/v1/signing-certificate')).status).toBe(404);
  });

  it('takes a recipient’s certificate, says what it is worth, and trusts whom the organisation names', async () => {
    const otto = makeCertificate({ name: 'Otto', issuer: root, key: 'rsa', emails: ['otto@smime.test'] });
    const upload = { address: 'otto@smime.test', certificate: otto.pem };
    const added = await console_.ask<{ standing: Standing }>('POST', '/v1/certificates', upload);
    expect(added.standing.state).toBe('key-untrusted');
    expect((await console_.call('POST', '/v1/certificates', upload)).status).toBe(409);
    const other = await console_.call('POST', '/v1/certificates', { ...upload, address: 'olga@smime.test' });
    expect(JSON.stringify(other.body)).toContain('other-address');
    const before = await send('otto@smime.test', 'Not trusted yet');
    expect((await untilFinal(api, before.id)).deliveries[0]?.method).toBe('portal');
    const anchor = await console_.ask<{ id: string }>('POST', '/v1/trust-anchors', { certificate: root.pem });
    const listed = await console_.ask<Listed>('GET', '/v1/certificates');
    expect(listed.items.map(({ standing }) => standing.state)).toEqual(['usable']);
    const after = await send('otto@smime.test', 'Trusted');
    expect((await untilFinal(api, after.id)).deliveries[0]?.method).toBe('smime');
    // Revocation cannot be asked for: with the hard rule that is a refusal.
    await console_.ask('PUT', '/v1/smime-settings', {
      revocation: 'hard',
      cipher: 'cbc',
      keyTransport: 'pkcs1',
      signature: 'none',
    });
    const hard = await send('otto@smime.test', 'Hard');
    expect((await untilFinal(api, hard.id)).deliveries[0]?.method).toBe('portal');
    expect((await console_.call('DELETE', `/v1/trust-anchors/${anchor.id}`)).status).toBe(204);
    expect((await console_.call('DELETE', `/v1/certificates/${listed.items[0]?.id}`)).status).toBe(204);
    expect((await console_.ask<Listed>('GET', '/v1/certificates')).items).toEqual([]);
  });

  it('takes certificates from signed mail, and not from what anybody could have written', async () => {
    await console_.ask('PUT', '/v1/smime-settings', {
      revocation: 'soft',
      cipher: 'auto',
      keyTransport: 'auto',
      signature: 'clear',
    });
    await console_.ask('POST', '/v1/trust-anchors', { certificate: root.pem });
    const sender = makeCertificate({
      name: 'Dr Olga',
      issuer: root,
      key: 'rsa',
      emails: ['olga@smime.test'],
    });
    const text =
      'From: Dr Olga <olga@smime.test>\r\nSubject: Hello\r\nContent-Type: text/plain\r\n\r\nHello\r\n';
    const octets = await signData(
      Buffer.from(text.slice(text.indexOf('Content'))),
      { ...sender, others: [] },
      false,
      new Date(),
    );
    const head = (from: string) =>
      `From: ${from}\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
    const post = (body: string) =>
      console_.call<{ added?: number }>('POST', '/v1/certificates/signed-mail', body, {
        'content-type': 'message/rfc822',
      });
    const good = await post(head('olga@smime.test') + octets.toString('base64'));
    expect([good.status, good.body.added]).toEqual([200, 1]);
    const again = await post(head('olga@smime.test') + octets.toString('base64'));
    expect([again.status, again.body.added]).toEqual([200, 0]);
    // Somebody else's name over a good signature of hers.
    expect((await post(head('erika@smime.test') + octets.toString('base64'))).status).toBe(422);
    expect((await post(text)).status).toBe(422);
    const sealed = await sealMessage(Buffer.from(text), {
      certificate: sender.certificate,
      cipher: 'gcm',
      rsa: 'oaep',
      signature: null,
      at: new Date(),
    });
    expect((await post(sealed.toString('latin1'))).status).toBe(422);
    const { id } = await send('olga@smime.test', 'Back to you');
    expect((await untilFinal(api, id)).deliveries[0]?.method).toBe('smime');
  });

  it('finds certificates in an LDAP directory, and goes on without one that is gone', async () => {
    const host = 'mx.good-tls.test'; // a name that the sandbox's DNS knows
    const authority = await issue({ name: 'Directory authority', authority: true });
    const identity = await identityOf(await issue({ name: host, names: [host], issuer: authority }));
    const lena = makeCertificate({ name: 'Lena', issuer: root, key: 'rsa', emails: ['lena@smime.test'] });
    const directory = await startDirectory({
      security: 'ldaps',
      identity,
      answer: ({ id, operation, words }) => {
        if (operation === 'bind') return [resultOf(id, 'bind', words[1] === 'grüne Wiese' ? 0 : 49)];
        const found = words[2] === 'lena@smime.test';
        const entry = entryOf(id, { 'userCertificate;binary': [lena.certificate.raw] });
        return [...(found ? [entry] : []), resultOf(id, 'search')];
      },
    });
    const settings = {
      host,
      port: directory.port,
      security: 'ldaps',
      authorities: authority.certificate.toString(),
      baseDn: 'dc=clinic',
      bindDn: 'cn=sealpost,dc=clinic',
      password: 'grüne Wiese',
    };
    const path = '/v1/certificate-directories';
    const { password: _, ...without } = settings;
    expect((await console_.call('POST', path, without)).status).toBe(422);
    const added = await console_.ask<{ id: string }>('POST', path, settings);
    expect(JSON.stringify(added)).not.toContain('Wiese');
    const test = (address: string) =>
      console_.ask<{ outcome: string; code: string | null; entries: number; certificates: Standing[] }>(
        'POST',
        `${path}/${added.id}/test`,
        { address },
      );
    const tested = await test('Lena@smime.test');
    expect(tested).toMatchObject({ outcome: 'answered', entries: 1, certificates: [{ state: 'usable' }] });
    expect(await test('nobody@smime.test')).toMatchObject({ entries: 0, certificates: [] });
    const found = await send('lena@smime.test', 'From the directory');
    expect((await untilFinal(api, found.id)).deliveries[0]?.method).toBe('smime');
    const elsewhere = await console_.call('PUT', `${path}/${added.id}`, { ...without, host: 'eve.test' });
    expect(JSON.stringify(elsewhere.body)).toContain('password-needed');
    await directory.close();
    expect(await test('lena@smime.test')).toMatchObject({ outcome: 'failed', code: 'connect-failed' });
    const gone = await send('lena@smime.test', 'Without the directory');
    const message = await untilFinal(api, gone.id);
    expect(message.deliveries[0]?.method).toBe('portal');
    expect(JSON.stringify(message)).toContain('directory-failed');
    expect((await console_.call('DELETE', `${path}/${added.id}`)).status).toBe(204);
    const audit = await console_.ask<{ items: { action: string }[] }>('GET', '/v1/audit');
    const actions = audit.items.map(({ action }) => action);
    for (const act of ['added', 'tested', 'removed']) {
      expect(actions).toContain(`certificate-directory.${act}`);
    }
  });

  it('keeps the log clean', async () => {
    expectCleanLog(instance.log(), ['otto', 'olga', 'lena', 'wiese', 'ferritin']);
  });
});
