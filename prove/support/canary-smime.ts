import { makeCertificate } from '../../src/platform/keyring/certificates/certificate-fixture.ts';
import { type Drive, expectStatus, mailOf } from './canary-drive.ts';
import type { WebAnswer } from './web-client.ts';

/** Certificates of all kinds, a message by S/MIME, and uploads that are refused. */
export async function useSmime(drive: Drive): Promise<void> {
  const { words, api } = drive;
  const ask = async (
    method: 'POST' | 'PUT',
    path: string,
    body: object,
    wanted: number,
  ): Promise<WebAnswer> => {
    const headers = { 'x-sealpost-csrf': drive.csrf };
    return expectStatus(
      drive,
      `${method} ${path}`,
      await drive.console.ask(method, path, { headers, body }),
      wanted,
    );
  };
  const address = `${words.word('certificate: address')}@smime.test`;
  const recipient = makeCertificate({ name: `Erika ${words.word('certificate: name')}`, emails: [address] });
  await ask('POST', '/v1/certificates', { address, certificate: recipient.pem }, 201);
  const other = `${words.word('certificate: wrong address')}@smime.test`;
  await ask('POST', '/v1/certificates', { address: other, certificate: recipient.pem }, 422);
  await ask('POST', '/v1/trust-anchors', { certificate: recipient.pem }, 201);
  const clinic = makeCertificate({
    name: words.word('signing certificate: name'),
    emails: [`${words.word('signing certificate: address')}@clinic.test`],
  });
  const key = {
    kind: 'pem',
    certificate: clinic.pem,
    key: clinic.keyPem,
    passphrase: words.word('key: passphrase'),
  };
  await ask('PUT', '/v1/signing-certificate', key, 200);
  const directory = {
    host: `${words.word('directory: host').toLowerCase()}.invalid`,
    port: 636,
    security: 'ldaps',
    authorities: '',
    baseDn: `dc=${words.word('directory: base')}`,
    bindDn: `cn=${words.word('directory: name')}`,
    password: words.word('directory: password'),
  };
  const { id } = (await ask('POST', '/v1/certificate-directories', directory, 201)).json<{ id: string }>();
  const wanted = { address: `${words.word('directory: address')}@smime.test` };
  await ask('POST', `/v1/certificate-directories/${id}/test`, wanted, 200);
  expectStatus(drive, 'certificates', await drive.console.ask('GET', '/v1/certificates'), 200);
  await addRule(drive);
  for (const to of [address, 'erika@smime.test']) {
    const body = {
      from: `${words.word('S/MIME: sender')}@clinic.test`,
      to: [to],
      subject: words.word('S/MIME: subject'),
      text: words.word('S/MIME: text'),
    };
    expectStatus(drive, 'sending by S/MIME', await api.ask('POST', '/v1/messages', { body }), 202);
  }
  await mailOf(drive, 'erika@smime.test', /./, 1);
}

async function addRule({ api, ...drive }: Drive): Promise<void> {
  const current = (await api.ask('GET', '/v1/policy')).json<Record<string, unknown> & { version: number }>();
  const { version, createdAt: _at, createdBy: _by, offered: _offered, ...document } = current;
  const stored = await api.ask('PUT', '/v1/policy', {
    headers: { 'if-match': `"${version}"` },
    body: {
      ...document,
      domains: [{ domain: 'smime.test', methods: ['smime', 'portal'], tls: null, exclusive: null }],
    },
  });
  expectStatus(drive, 'a rule for S/MIME', stored, 200);
}
