import { type Drive, expectStatus, settled } from './canary-drive.ts';
import { SmtpClient } from './smtp-client.ts';

/** Text in which a word stands many times, at every alignment of base64. */
export function longText(word: string, octets: number): string {
  const line = (number: number): string => `${'.'.repeat(number % 7)}${word} line ${number}\r\n`;
  let text = '';
  for (let number = 0; text.length < octets; number += 1) text += line(number);
  return text;
}

/** Everything of a message that comes as JSON: names, addresses, subject, bodies, attachments, repeated requests. */
export async function sendByJson(
  drive: Drive,
): Promise<{ readonly message: string; readonly reader: string }> {
  const { words, api } = drive;
  const reader = `${words.word('recipient: local part, portal')}@no-tls.test`;
  const body = {
    from: `"${words.word('sender: display name')}" <${words.word('sender: local part')}@clinic.test>`,
    to: [
      reader,
      `"${words.word('recipient: display name')}" <${words.word('recipient: local part, TLS')}@good-tls.test>`,
      `${words.word('recipient: local part, wrong certificate')}@wrong-cert.test`,
      `${words.word('recipient: local part, greylisted')}@slow.test`,
      `nobody.${words.word('recipient: local part, bounced')}@good-tls.test`,
    ],
    subject: `Ergebnis für ${words.word('message: subject')}`,
    text: `Liebe Patientin, ${words.word('message: text')} ist da. ${'x'.repeat(90)} ${words.word('message: text, folded')}`,
    html: `<p title="${words.word('message: attribute of HTML')}">${words.word('message: HTML')}</p>`,
    attachments: [
      attachment(words.word('attachment: name'), words.word('attachment: content, small')),
      attachment('large.txt', longText(words.word('attachment: content, large'), 200_000)),
      attachment(`größe-${words.word('attachment: name beyond ASCII')}.txt`, 'x'),
    ],
  };
  const headers = { 'idempotency-key': `order-${words.word('idempotency key')}` };
  const first = expectStatus(drive, 'send', await api.ask('POST', '/v1/messages', { headers, body }), 202);
  expectStatus(drive, 'send again', await api.ask('POST', '/v1/messages', { headers, body }), 202);
  const other = { ...body, subject: words.word('idempotency: other body') };
  expectStatus(drive, 'send another', await api.ask('POST', '/v1/messages', { headers, body: other }), 409);
  const { id } = first.json<{ id: string }>();
  await settled(drive, id);
  return { message: id, reader };
}

/** A message small enough for a row, to the same reader. */
export async function sendSmall(drive: Drive, reader: string): Promise<void> {
  const { words, api } = drive;
  const small = {
    to: [reader],
    subject: words.word('message: subject of a small one'),
    text: words.word('message: text of a small one'),
    html: `<b>${words.word('message: HTML of a small one')}</b>`,
  };
  expectStatus(drive, 'send small', await api.ask('POST', '/v1/messages', { body: small }), 202);
}

function attachment(name: string, content: string) {
  return { name, type: 'text/plain', content: Buffer.from(content).toString('base64') };
}

/** A complete message, streamed, above what fits into a row. */
export async function sendRaw(drive: Drive): Promise<string> {
  const { words, api } = drive;
  const from = `${words.word('raw: envelope sender')}@clinic.test`;
  const to = [
    `${words.word('raw: envelope recipient')}@good-tls.test`,
    `${words.word('raw: reader')}@no-tls.test`,
  ];
  const content = [
    `From: ${words.word('raw: From name')} <${from}>`,
    `To: ${words.word('raw: To name')} <${to[0]}>`,
    `Cc: <${words.word('raw: Cc address')}@good-tls.test>`,
    `Subject: =?utf-8?B?${Buffer.from(`é ${words.word('raw: encoded subject')}`).toString('base64')}?=`,
    `X-Chart: ${words.word('raw: own header field')}`,
    `Message-ID: <${words.word('raw: Message-ID')}@clinic.test>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b1',
    '',
    words.word('raw: preamble'),
    '--b1',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    `${words.word('raw: quoted-printable').replace(/(.{5})/g, '$1=\r\n')} =C3=A9`,
    '--b1',
    `Content-Type: application/pdf; name="${words.word('raw: attachment name')}.pdf"`,
    'Content-Transfer-Encoding: base64',
    '',
    (
      Buffer.from(longText(words.word('raw: attachment content'), 300_000))
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    ).join('\r\n'),
    '--b1--',
    words.word('raw: epilogue'),
    '',
  ].join('\r\n');
  const headers = {
    'content-type': 'message/rfc822',
    'x-sealpost-from': from,
    'x-sealpost-to': to.join(', '),
    'idempotency-key': words.word('raw: idempotency key'),
  };
  const send = async () => api.ask('POST', '/v1/messages/raw', { headers, body: Buffer.from(content) });
  const answer = expectStatus(drive, 'raw', await send(), 202);
  expectStatus(drive, 'raw again', await send(), 202);
  const { id } = answer.json<{ id: string }>();
  await settled(drive, id);
  return id;
}

/** Submission by SMTP, and everything that a client may say wrongly there. */
export async function sendBySmtp(drive: Drive): Promise<void> {
  const { words, system, apiKey } = drive;
  const { submission, submissions } = system.ports;
  if (submission === null || submissions === null) throw new Error('SMTP does not listen');
  const user = apiKey.split('_')[1] ?? '';
  const { client } = await SmtpClient.open(submission, false);
  await client.say(`EHLO ${words.word('SMTP: EHLO name')}.test`);
  await client.say(`MAIL FROM:<${words.word('SMTP: sender before TLS')}@clinic.test>`);
  await client.say(
    `AUTH PLAIN ${Buffer.from(`\0${words.word('SMTP: user in clear')}\0x`).toString('base64')}`,
  );
  await client.startTls();
  await client.say('EHLO client.test');
  await client.say(
    `AUTH PLAIN ${Buffer.from(`\0${words.word('SMTP: wrong user')}\0${words.word('SMTP: wrong secret')}`).toString('base64')}`,
  );
  await client.say(words.word('SMTP: unknown command'));
  client.close();

  const signed = await SmtpClient.signedIn(submissions, user, apiKey);
  const from = `${words.word('SMTP: sender')}@clinic.test`;
  const to = [`${words.word('SMTP: recipient')}@good-tls.test`, `${words.word('SMTP: reader')}@no-tls.test`];
  const content = `From: <${from}>\r\nTo: <${to[0]}>\r\nSubject: ${words.word('SMTP: subject')}\r\n\r\n${words.word('SMTP: body')}\r\n${longText(words.word('SMTP: long body'), 90_000)}`;
  const accepted = await signed.message(from, to, content);
  if (!accepted.startsWith('250')) drive.surprises.push(`SMTP: ${accepted}`);
  const wrong = [
    `MAIL FROM:<${words.word('SMTP: foreign sender')}@elsewhere.test>`,
    `MAIL FROM:<${words.word('SMTP: sender with bad parameter')}@clinic.test> XYZ=${words.word('SMTP: parameter')}`,
    `MAIL FROM:<${from}>`,
    `RCPT TO:<${words.word('SMTP: bad address')}@@nowhere>`,
    `RCPT TO:<${words.word('SMTP: outside of the sandbox')}@example.com>`,
    `RCPT TO:<"${words.word('SMTP: quoted')} x"@good-tls.test>`,
    `VRFY ${words.word('SMTP: VRFY')}`,
    'RSET',
  ];
  for (const line of wrong) await signed.say(line);
  const good = [from, [`${words.word('SMTP: recipient of refused content')}@good-tls.test`]] as const;
  await signed.message(...good, `Subject: x\r\n\r\n${words.word('SMTP: bare line feed')}\nhere\r\n`);
  await signed.message(...good, `Subject: x\r\n${words.word('SMTP: malformed header')}\r\n\r\nx`);
  await signed.message(...good, deepMime(words.word('SMTP: too deep MIME')));
  // A client that leaves in the middle of its message.
  await signed.say(`MAIL FROM:<${from}>`);
  await signed.say(`RCPT TO:<${to[0]}>`);
  await signed.say('DATA');
  signed.send(
    `Subject: ${words.word('SMTP: subject of a broken one')}\r\n\r\n${longText(words.word('SMTP: body of a broken one'), 80_000)}`,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  signed.close();
}

export function deepMime(word: string): string {
  let part = `Content-Type: text/plain\r\n\r\n${word}\r\n`;
  for (let depth = 0; depth < 200; depth += 1)
    part = `Content-Type: multipart/mixed; boundary=b${depth}${word}\r\n\r\n--b${depth}${word}\r\n${part}\r\n--b${depth}${word}--\r\n`;
  return `MIME-Version: 1.0\r\nSubject: ${word}\r\n${part}`;
}

/** Reading, searching, withdrawing, policy, people: what the console does all day. */
export async function useConsole(drive: Drive, message: string): Promise<void> {
  const { words, api } = drive;
  const deliveries = await settled(drive, message);
  const reads = [
    `/v1/messages/${message}`,
    `/v1/messages/${message}/content`,
    `/v1/messages/${message}/attachments/0`,
    `/v1/messages/${message}/attachments/1`,
    ...deliveries.flatMap(({ id }) => [`/v1/deliveries/${id}`]),
    '/v1/messages?limit=5',
    '/v1/overview',
    '/v1/events?limit=50',
    '/v1/members',
    '/v1/audit',
  ];
  for (const path of reads) expectStatus(drive, path, await api.ask('GET', path), 200);
  const search = async (body: object) =>
    expectStatus(drive, 'search', await api.ask('POST', '/v1/messages/search', { body }), 200);
  await search({ text: `${words.word('search: text')} results` });
  await search({ from: `${words.word('search: sender')}@clinic.test` });
  await search({ to: `${words.word('search: recipient')}@good-tls.test` });

  const current = (await api.ask('GET', '/v1/policy')).json<Record<string, unknown>>();
  const { version, createdAt, createdBy, offered, ...document } = current;
  void [createdAt, createdBy, offered];
  const override = { methods: ['portal'], tls: null, exclusive: null };
  const policy = {
    ...document,
    recipients: [{ address: `${words.word('policy: recipient override')}@good-tls.test`, ...override }],
  };
  const stored = await api.ask('PUT', '/v1/policy', {
    headers: { 'if-match': `"${String(version)}"` },
    body: policy,
  });
  expectStatus(drive, 'policy', stored, 200);
  const draft = {
    ...document,
    recipients: [{ address: `${words.word('policy: override in a draft')}@good-tls.test`, ...override }],
  };
  const preview = {
    address: `${words.word('policy: address of a preview')}@good-tls.test`,
    class: 'light',
    policy: draft,
  };
  expectStatus(drive, 'preview', await api.ask('POST', '/v1/policy/preview', { body: preview }), 200);
  const kept = {
    name: words.word('policy: name of a draft'),
    policy: {
      ...document,
      recipients: [
        { address: `${words.word('policy: override in a kept draft')}@good-tls.test`, ...override },
      ],
    },
  };
  const draftKept = await api.ask('POST', '/v1/policy/drafts', { body: { ...kept, baseVersion: 1 } });
  expectStatus(drive, 'draft', draftKept, 201);
  const tried = { policy: kept.policy, days: 1 };
  expectStatus(drive, 'replay', await api.ask('POST', '/v1/policy/replays', { body: tried }), 202);

  const member = {
    address: `${words.word('member: local part')}@clinic.test`,
    displayName: words.word('member: display name'),
    roles: ['sender'],
  };
  const added = await api.ask('POST', '/v1/members', { body: member });
  if (added.status === 201) {
    const { invitation } = added.json<{ invitation: { token: string } | null }>();
    if (invitation !== null) drive.secrets.push(invitation.token);
    const passphrase = `${words.word('invitation: passphrase')} copper lantern 4`;
    const body = { token: invitation?.token ?? '', passphrase };
    expectStatus(drive, 'invitation', await api.ask('POST', '/v1/invitations/accept', { body }), 200);
  } else expectStatus(drive, 'member', added, 201);
  expectStatus(drive, 'again', await api.ask('POST', '/v1/members', { body: member }), 409);

  const later = {
    to: [`${words.word('cancelled: recipient')}@good-tls.test`],
    subject: words.word('cancelled: subject'),
    text: words.word('cancelled: text'),
    dueAt: new Date(Date.now() + 3_600_000).toISOString(),
  };
  const waiting = (await api.ask('POST', '/v1/messages', { body: later })).json<{ id: string }>();
  expectStatus(drive, 'cancel', await api.ask('POST', `/v1/messages/${waiting.id}/cancel`), 200);
}
