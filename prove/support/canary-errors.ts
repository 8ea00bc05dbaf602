import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { processEnvironment } from '#platform/runtime';
import { type Drive, expectStatus } from './canary-drive.ts';
import { deepMime } from './canary-messages.ts';
import { WebClient } from './web-client.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Requests that cannot be served, with PHI wherever a hurried program may put it. No answer may repeat any of it. */
export async function makeMistakes(drive: Drive): Promise<void> {
  const { words, api, system } = drive;
  const before = words.size;
  const answers: string[] = [];
  const ask = async (method: string, path: string, given: Parameters<WebClient['ask']>[2] = {}) => {
    const answer = await api.ask(method, path, given);
    if (answer.status >= 400) answers.push(`${answer.text} ${JSON.stringify(answer.headers)}`);
    return answer;
  };
  const word = (place: string): string => words.word(`mistake: ${place}`);

  await ask('GET', `/v1/${word('path')}?q=${word('query')}#${word('fragment')}`);
  await ask('GET', `/v1/messages/${word('id')}`);
  await ask('GET', `/v1/messages?state=${word('filter')}&limit=${word('limit')}`);
  await ask('GET', `/v1/messages?cursor=${word('cursor')}`);
  await ask('GET', `/v1/messages?${word('unknown name in a query')}=1`);
  await ask('GET', `/v1/audit?action=${word('audit action').toUpperCase()}`);
  await ask('GET', `/v1/audit?cursor=${word('audit cursor')}`);
  await ask('GET', `/v1/sandbox/mailboxes/${word('mailbox')}@good-tls.test/messages/${word('mail')}`);
  await ask('GET', `/v1/messages/%ZZ${word('bad percent')}`);
  await ask(word('method').toUpperCase().slice(0, 16), '/v1/messages');
  const { wrong, unknown } = { wrong: word('wrong type'), unknown: word('unknown field') };
  await ask('POST', '/v1/messages', {
    body: { to: wrong, subject: [word('subject')], text: 7, [unknown]: word('value') },
  });
  await ask('POST', '/v1/messages', {
    body: { to: [`${word('address')}@@x`], subject: word('other subject'), text: word('text') },
  });
  await ask('POST', '/v1/messages', {
    body: { to: [`${word('address outside')}@example.com`], subject: 's', text: 't' },
  });
  await ask('POST', '/v1/messages', {
    body: { from: `${word('foreign sender')}@other.test`, to: ['a@good-tls.test'], subject: 's', text: 't' },
  });
  await ask('POST', '/v1/messages', {
    body: { to: ['a@good-tls.test'], subject: `s\r\nBcc: ${word('header injection')}@x.test`, text: 't' },
  });
  const json = { 'content-type': 'application/json' };
  await ask('POST', '/v1/messages', { headers: json, body: `{"to": ["${word('broken JSON')}"` });
  await ask('POST', '/v1/messages', { headers: json, body: `{"__proto__": {"a": "${word('prototype')}"}}` });
  await ask('POST', '/v1/messages', {
    headers: { 'content-type': `text/${word('media type')}` },
    body: word('body of that type'),
  });
  const key = word('long idempotency key');
  await ask('POST', '/v1/messages', {
    headers: { 'idempotency-key': key.repeat(40) },
    body: { to: ['a@good-tls.test'], subject: 's', text: 't' },
  });
  const mail = {
    'content-type': 'message/rfc822',
    'x-sealpost-from': 'dr.lee@clinic.test',
    'x-sealpost-to': 'anna@good-tls.test',
  };
  await ask('POST', '/v1/messages/raw', { headers: mail, body: deepMime(word('too deep MIME')) });
  await ask('POST', '/v1/messages/raw', { headers: mail, body: `Subject: ${word('bare line feed')}\n\nx\n` });
  await ask('POST', '/v1/messages/raw', { headers: mail, body: `${word('no header field')}\r\n\r\nx\r\n` });
  await ask('POST', '/v1/messages/raw', {
    headers: { ...mail, 'x-sealpost-to': `${word('raw address')} x@y` },
    body: 'Subject: x\r\n\r\nx\r\n',
  });
  await ask('POST', '/v1/messages/raw', {
    headers: { ...mail, 'x-sealpost-class': word('raw class') },
    body: 'Subject: x\r\n\r\nx\r\n',
  });
  await ask('GET', '/v1/overview', { headers: { authorization: `Bearer ${word('bearer')}` } });
  await ask('GET', '/v1/overview', {
    headers: { authorization: `Bearer sp_${word('key prefix').slice(0, 12)}_${word('key secret')}` },
  });
  await ask('GET', '/v1/overview', {
    headers: {
      'x-forwarded-for': word('forwarded for'),
      'user-agent': word('user agent'),
      'x-request-id': word('request id'),
    },
  });
  await ask('POST', '/v1/members', {
    body: { address: word('member without domain'), displayName: word('member name'), roles: [word('role')] },
  });
  await ask('POST', '/v1/policy/preview', { body: { address: `${word('preview')}@`, class: word('class') } });
  await ask('POST', '/v1/analyser/headers', {
    body: {
      headers: `Subject: ${word('analysed subject')}\r\nReceived: from ${word('analysed host')} by x.example for <${word('analysed recipient')}@clinic.test>\r\nReceived: ${word('analysed line')}\r\n`,
    },
  });
  await ask('POST', '/v1/analyser/domain', { body: { domain: `${word('analysed domain')}@` } });
  await ask('PUT', '/v1/policy', {
    headers: { 'if-match': '"1"' },
    body: { recipients: [{ address: word('policy') }] },
  });

  const portal = new WebClient(system.portalUrl, { 'user-agent': word('portal user agent') });
  for (const path of [
    `/m/${word('portal link')}`,
    `/${word('portal path')}?x=${word('portal query')}`,
    `/messages/${word('portal message')}`,
    `/assets/${word('asset version')}/${word('asset')}`,
  ]) {
    const answer = await portal.ask('GET', path);
    // The link's own page is for whoever has that link: its form goes back to where it came from.
    if (!path.startsWith('/m/')) answers.push(answer.text);
  }
  await portal.ask('POST', '/sign-in', { headers: json, body: { address: word('portal JSON') } });
  for (const port of [system.ports.http, system.ports.portal]) {
    await rawRequest(port, `GET /${word('raw socket')} HTTP/9.9\r\n${word('raw header')}\r\n\r\n`);
    await rawRequest(port, `${word('no request at all')}\r\n\r\n`);
    await rawRequest(
      port,
      `GET / HTTP/1.1\r\nHost: x\r\nX-Name: ${word('long header').repeat(2_000)}\r\n\r\n`,
    );
  }
  const repeated = answers.filter((answer) => answer.includes(words.tag));
  if (repeated.length > 0)
    drive.surprises.push(
      `${repeated.length} of ${words.size - before} mistakes are repeated in their answer: ${repeated.map((one) => one.slice(0, 300)).join(' | ')}`,
    );
}

function rawRequest(port: number | null, octets: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: port ?? 0 });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
    socket.resume();
    socket.end(octets);
    setTimeout(() => socket.destroy(), 1_000).unref();
  });
}

/** The operator's look at a record, with a reason that says too much. */
export async function inspect(
  drive: Drive,
  root: { readonly home: string; readonly temp: string },
  message: string,
): Promise<void> {
  const reason = `patient ${drive.words.word('inspect: reason')} called`;
  const code = await new Promise<number>((resolve) => {
    const child = spawn(
      process.execPath,
      [MAIN, 'inspect', 'message', message, '--organisation', drive.organisation, '--reason', reason],
      {
        stdio: 'ignore',
        env: { PATH: processEnvironment().PATH, TMPDIR: root.temp, SEALPOST_HOME: root.home },
      },
    );
    child.on('exit', (status) => resolve(status ?? 1));
  });
  if (code !== 0) drive.surprises.push(`inspect ended with ${code}`);
  expectStatus(drive, 'audit', await drive.api.ask('GET', '/v1/audit?action=message.inspected'), 200);
}
