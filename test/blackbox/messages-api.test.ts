import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AcceptedAnswer,
  type Administrator,
  type ApiKey,
  Browser,
  type Caller,
  enrol,
  type MessageAnswer,
  makeKey,
  readMessage,
  setUp,
  untilFinal,
  waitForMail,
} from '../support/api.ts';
import { createBench, type Instance } from '../support/instance.ts';
import { expectCleanLog, faultsIn } from '../support/log-lines.ts';

const bench = createBench();
afterAll(() => bench.close());

interface Problem {
  readonly code: string;
  readonly status: number;
}
interface Page {
  readonly items: readonly { readonly id: string; readonly subject: string }[];
  readonly next: string | null;
}
interface Policy {
  readonly methods: readonly string[];
  readonly exclusive: boolean;
  readonly version: number;
}

const sha256 = (of: Buffer | string) => createHash('sha256').update(of).digest('hex');
const draft = (subject: string, to: string | readonly string[], more: object = {}) => ({
  from: 'ward@clinic.test',
  to: typeof to === 'string' ? [to] : to,
  subject,
  text: 'Nothing to see.',
  ...more,
});

describe('the API of messages', () => {
  let instance: Instance;
  let admin: Administrator;
  let key: ApiKey;
  let api: Caller;

  beforeAll(async () => {
    instance = await bench.start(bench.home());
    admin = await setUp(instance.consoleUrl, instance.setupToken ?? '');
    key = await makeKey(admin);
    api = key.caller;
  });

  const send = async (body: object, headers: Record<string, string> = {}): Promise<AcceptedAnswer> =>
    api.ask('POST', '/v1/messages', body, headers);

  it('asks for a key, and for the right it needs', async () => {
    const none = await fetch(new URL('/v1/messages', instance.consoleUrl), { method: 'POST', body: '{}' });
    expect(none.status).toBe(401);
    const reader = await makeKey(admin, ['messages:read']);
    const refused = await reader.caller.call<Problem>(
      'POST',
      '/v1/messages',
      draft('No', 'anna@good-tls.test'),
    );
    expect([refused.status, refused.body.code]).toEqual([403, 'not-permitted']);
    expect((await reader.caller.call('GET', '/v1/messages')).status).toBe(200);
    const revoked = await admin.browser.caller.ask<{ items: { id: string; prefix: string }[] }>(
      'GET',
      '/v1/api-keys',
    );
    const id = revoked.items.find(({ prefix }) => prefix === reader.prefix)?.id;
    expect((await admin.browser.caller.call('DELETE', `/v1/api-keys/${id}`)).status).toBe(204);
    expect((await reader.caller.call('GET', '/v1/messages')).status).toBe(401);
  });

  it('answers 413 above 10 MB of JSON, and 422 with the place for what is not valid', async () => {
    const large = draft('Large', 'anna@good-tls.test', {
      attachments: [{ name: 'a', type: 'a/b', content: 'A'.repeat(11 << 20) }],
    });
    expect((await api.call<Problem>('POST', '/v1/messages', large)).body.code).toBe('too-large');
    const strange = await api.call<Problem & { errors: { path: string }[] }>(
      'POST',
      '/v1/messages',
      draft('x', 'anna@good-tls.test', { bcc: [] }),
    );
    expect([strange.status, strange.body.code]).toEqual([422, 'invalid']);
    for (const [to, code] of [
      ['anna', 'invalid-address'],
      ['anna@example.com', 'sandbox-domain-only'],
    ]) {
      expect((await api.call<Problem>('POST', '/v1/messages', draft('x', to ?? ''))).body.code).toBe(code);
    }
    const stranger = draft('x', 'anna@good-tls.test', { from: 'boss@elsewhere.test' });
    expect((await api.call<Problem>('POST', '/v1/messages', stranger)).body.code).toBe('sender-not-allowed');
    const injected = await api.call<Problem>(
      'POST',
      '/v1/messages',
      draft('x\r\nBcc: eve@good-tls.test', 'anna@good-tls.test'),
    );
    expect([202, 422]).toContain(injected.status);
    if (injected.status === 202) {
      const mail = await waitForMail(api, 'anna@good-tls.test', ({ subject }) => subject.startsWith('x'));
      expect(mail.headers.map(({ name }) => name.toLowerCase())).not.toContain('bcc');
    }
  });

  it('takes 40 MB streamed as a raw message, and keeps every octet', async () => {
    const file = randomBytes(29 << 20);
    const rows = file.toString('base64').match(/.{1,76}/g) ?? [];
    const head = [
      'From: ward@clinic.test',
      'To: ben@no-tls.test',
      'Subject: Tomography',
      'MIME-Version: 1.0',
      'Content-Type: application/dicom; name="tomography.dcm"',
      'Content-Disposition: attachment; filename="tomography.dcm"',
      'Content-Transfer-Encoding: base64',
      '',
      '',
    ].join('\r\n');
    function* octets() {
      yield head;
      for (let row = 0; row < rows.length; row += 2000)
        yield `${rows.slice(row, row + 2000).join('\r\n')}\r\n`;
    }
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const call = request(
        new URL('/v1/messages/raw', instance.consoleUrl),
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${key.secret}`,
            'content-type': 'message/rfc822',
            'x-sealpost-from': 'ward@clinic.test',
            'x-sealpost-to': 'ben@no-tls.test, anna@good-tls.test',
          },
        },
        (reply) => {
          let text = '';
          reply.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          reply.on('end', () => resolve({ status: reply.statusCode ?? 0, text }));
        },
      );
      pipeline(Readable.from(octets()), call).catch(reject);
    });
    expect(answer.status, answer.text).toBe(202);
    const accepted: AcceptedAnswer = JSON.parse(answer.text);
    const message = await untilFinal(api, accepted.id, 90_000);
    expect(message.size).toBeGreaterThan(40_000_000);
    expect(message.deliveries.map(({ state }) => state).sort()).toEqual(['delivered', 'portal-waiting']);
    expect(sha256(await api.octets(`/v1/messages/${accepted.id}/attachments/0`))).toBe(sha256(file));
    const arrived = await waitForMail(api, 'anna@good-tls.test', ({ subject }) => subject === 'Tomography');
    expect(arrived.attachments).toMatchObject([{ name: 'tomography.dcm', size: file.length }]);
  });

  it('answers a repeated idempotency key with the first answer, and makes one message', async () => {
    const headers = { 'idempotency-key': 'order-4711' };
    const body = draft('Once only', 'anna@good-tls.test');
    const first = await api.call<AcceptedAnswer>('POST', '/v1/messages', body, headers);
    const second = await api.call<AcceptedAnswer>('POST', '/v1/messages', body, headers);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body).toEqual(first.body);
    const other = await api.call<Problem>(
      'POST',
      '/v1/messages',
      draft('Other', 'anna@good-tls.test'),
      headers,
    );
    expect([other.status, other.body.code]).toEqual([409, 'idempotency-key-reused']);
    const both = await Promise.all(
      [1, 2, 3, 4].map(() =>
        api.call<AcceptedAnswer>('POST', '/v1/messages', draft('At once only', 'anna@good-tls.test'), {
          'idempotency-key': 'order-4712',
        }),
      ),
    );
    const done = both.filter(({ status }) => status === 202);
    expect(done.length).toBeGreaterThanOrEqual(1);
    for (const { status } of both) expect([202, 409]).toContain(status);
    expect(new Set(done.map(({ body: { id } }) => id)).size).toBe(1);
    for (const subject of ['Once only', 'At once only']) {
      const found = await api.ask<Page>('POST', '/v1/messages/search', { text: subject });
      expect(found.items.filter((one) => one.subject === subject)).toHaveLength(1);
    }
  });

  it('holds a message until it is due, lets it be cancelled, and delivers another in time', async () => {
    const dueAt = new Date(Date.now() + 3_000).toISOString();
    const soon = await send(draft('Due soon', 'anna@good-tls.test', { dueAt }));
    const later = await send(
      draft('Due later', 'anna@good-tls.test', { dueAt: new Date(Date.now() + 3_600_000).toISOString() }),
    );
    expect((await readMessage(api, soon.id)).deliveries[0]?.state).toBe('queued');
    const cancelled = await api.ask<{ deliveries: { result: string }[] }>(
      'POST',
      `/v1/messages/${later.id}/cancel`,
    );
    expect(cancelled.deliveries).toMatchObject([{ result: 'cancelled' }]);
    expect(await readMessage(api, later.id)).toMatchObject({
      state: 'cancelled',
      deliveries: [{ state: 'cancelled' }],
    });
    expect((await untilFinal(api, soon.id)).deliveries[0]?.state).toBe('delivered');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(dueAt) - 50);
    const late = await api.ask<{ deliveries: { result: string }[] }>(
      'POST',
      `/v1/messages/${soon.id}/cancel`,
    );
    expect(late.deliveries).toMatchObject([{ result: 'too-late' }]);
  });

  it('takes back what waits in the portal, and says what it cannot reach', async () => {
    const accepted = await send(draft('Withdrawn', ['anna@good-tls.test', 'ben@no-tls.test']));
    await untilFinal(api, accepted.id);
    const done = await api.ask<{ deliveries: { to: string; result: string }[] }>(
      'POST',
      `/v1/messages/${accepted.id}/retract`,
    );
    expect(Object.fromEntries(done.deliveries.map(({ to, result }) => [to, result]))).toEqual({
      'anna@good-tls.test': 'cannot-recall',
      'ben@no-tls.test': 'retracted',
    });
    const message = await readMessage(api, accepted.id);
    expect(message.state).toBe('retracted');
    expect(message.deliveries.find(({ to }) => to === 'ben@no-tls.test')?.state).toBe('retracted');
  });

  it('finds messages by words, sender and recipient, in pages', async () => {
    const ids: string[] = [];
    for (let count = 1; count <= 7; count += 1)
      ids.push((await send(draft(`Zebrafish round ${count}`, `fish${count}@good-tls.test`))).id);
    const found = async (terms: object) =>
      (await api.ask<Page>('POST', '/v1/messages/search', terms)).items.map(({ id }) => id);
    expect(await found({ text: 'zebrafish' })).toEqual([...ids].reverse());
    expect(await found({ text: 'zebrafish ROUND' })).toHaveLength(7);
    expect(await found({ to: 'fish3@good-tls.test' })).toEqual([ids[2]]);
    expect(await found({ text: 'zebrafish', from: 'ward@clinic.test', limit: 2 })).toHaveLength(2);
    expect(await found({ text: 'zebra' })).toEqual([]);
    expect(await found({ text: 'zebrafish', from: 'nobody@clinic.test' })).toEqual([]);

    const seen: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const page: Page = await api.ask(
        'GET',
        `/v1/messages?limit=3${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
      pages += 1;
      if (pages === 1) await send(draft('Between two pages', 'anna@good-tls.test'));
    } while (cursor !== null && pages < 50);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.slice(0, 7)).toEqual([...ids].reverse());
    expect((await api.call('GET', '/v1/messages?cursor=nonsense')).status).toBe(422);
  });

  it('sends by class: high goes to the portal', async () => {
    const accepted = await send(draft('Very private', 'anna@good-tls.test', { class: 'high' }));
    const message = await untilFinal(api, accepted.id);
    expect(message).toMatchObject({
      class: 'high',
      deliveries: [{ state: 'portal-waiting', method: 'portal' }],
    });
  });

  it('stores policies as versions, against the version that was read, for the next message', async () => {
    const now = await api.call<Policy & Record<string, unknown>>('GET', '/v1/policy');
    const etag = now.headers.get('etag') ?? '';
    expect(etag).toBe(`"${now.body.version}"`);
    const { version, createdAt, createdBy, offered, ...document } = now.body;
    const change = (policy: object, match: string) =>
      api.call<Policy & Problem>('PUT', '/v1/policy', { ...document, ...policy }, { 'if-match': match });
    const stored = await change({ methods: ['portal'] }, etag);
    expect([stored.status, stored.body.version]).toEqual([200, version + 1]);
    expect((await change({ methods: ['tls'] }, etag)).status).toBe(412);
    expect((await change({ methods: ['telepathy'] }, `"${version + 1}"`)).status).toBe(422);
    const toPortal = await untilFinal(api, (await send(draft('By portal', 'anna@good-tls.test'))).id);
    expect(toPortal).toMatchObject({
      policyVersion: version + 1,
      deliveries: [{ method: 'portal', state: 'portal-waiting' }],
    });

    const exclusive = await change({ methods: ['tls'], exclusive: true }, `"${version + 1}"`);
    expect(exclusive.status, JSON.stringify(exclusive.body)).toBe(200);
    const undelivered = await untilFinal(api, (await send(draft('Exclusive zinnia', 'ben@no-tls.test'))).id);
    expect(undelivered.deliveries).toMatchObject([{ state: 'not-delivered' }]);
    const dsn = await waitForMail(api, 'ward@clinic.test', ({ from }) => from === '');
    expect(dsn.text).toContain('ben@no-tls.test');
    expect(JSON.stringify(dsn)).not.toMatch(/zinnia|Nothing to see/);
    expect((await change({}, `"${version + 2}"`)).status).toBe(200);
    const versions = await api.ask<{ items: Policy[] }>('GET', '/v1/policy/versions');
    expect(versions.items.map((one) => one.version).slice(0, 4)).toEqual([
      version + 3,
      version + 2,
      version + 1,
      version,
    ]);
  });

  it('tells of changes as they happen, and of events in order', async () => {
    const dueAt = new Date(Date.now() + 1_500).toISOString();
    const accepted = await send(draft('Watched', 'anna@good-tls.test', { dueAt }));
    const stop = new AbortController();
    const stream = await fetch(new URL(`/v1/messages/${accepted.id}/events`, instance.consoleUrl), {
      headers: { authorization: `Bearer ${key.secret}`, accept: 'text/event-stream' },
      signal: AbortSignal.any([stop.signal, AbortSignal.timeout(20_000)]),
    });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    for await (const chunk of stream.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('delivery.delivered')) break;
    }
    stop.abort();
    expect(text).toMatch(/event: change/);
    expect(text).not.toMatch(/anna|Watched/);
    const events = await api.ask<{ items: { sequence: number; type: string }[]; last: number }>(
      'GET',
      '/v1/events?limit=1000',
    );
    const sequences = events.items.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(sequences).size).toBe(sequences.length);
    expect(events.items.map(({ type }) => type)).toContain('message.accepted');
  });

  it('makes a second organisation whose people see nothing of the first', async () => {
    const made = await admin.browser.caller.ask<{
      organisation: { id: string };
      invitation: { token: string };
    }>('POST', '/v1/organisations', {
      name: 'Lakeside Hospice',
      slug: 'lakeside',
      domain: 'lakeside.test',
      administrator: { address: 'noor@lakeside.test', displayName: 'Noor Haddad' },
    });
    const browser = new Browser(instance.consoleUrl);
    const invited = await browser.caller.ask<{ ceremony: string }>('POST', '/v1/invitations/accept', {
      token: made.invitation.token,
      passphrase: 'quiet lanterns across the bay',
    });
    const noor = await enrol(browser, invited.ceremony);
    expect(noor.session.organisation.id).toBe(made.organisation.id);
    expect(noor.session.permissions).not.toContain('installation:operate');
    const again = await new Browser(instance.consoleUrl).caller.call('POST', '/v1/invitations/accept', {
      token: made.invitation.token,
      passphrase: 'quiet lanterns across the bay',
    });
    expect(again.status).toBe(410);

    const theirs = (await makeKey(noor)).caller;
    const own = await api.ask<Page>('GET', '/v1/messages?limit=1');
    const foreign: MessageAnswer = await readMessage(api, own.items[0]?.id ?? '');
    expect((await theirs.ask<Page>('GET', '/v1/messages')).items).toEqual([]);
    expect((await theirs.ask<Page>('POST', '/v1/messages/search', { text: 'zebrafish' })).items).toEqual([]);
    for (const [method, path] of [
      ['GET', `/v1/messages/${foreign.id}`],
      ['GET', `/v1/messages/${foreign.id}/content`],
      ['GET', `/v1/messages/${foreign.id}/attachments/0`],
      ['GET', `/v1/messages/${foreign.id}/events`],
      ['POST', `/v1/messages/${foreign.id}/cancel`],
      ['POST', `/v1/messages/${foreign.id}/retract`],
      ['GET', `/v1/deliveries/${foreign.deliveries[0]?.id}`],
      ['GET', `/v1/deliveries/${foreign.deliveries[0]?.id}/proof`],
    ] as const) {
      expect((await theirs.call(method, path)).status, path).toBe(404);
    }
    expect((await theirs.call('GET', '/v1/organisations')).status).toBe(403);
    const asOther = draft('As another', 'anna@good-tls.test');
    expect((await theirs.call<Problem>('POST', '/v1/messages', asOther)).body.code).toBe(
      'sender-not-allowed',
    );
    const mine = await theirs.ask<AcceptedAnswer>('POST', '/v1/messages', {
      ...asOther,
      from: 'noor@lakeside.test',
    });
    expect((await untilFinal(theirs, mine.id)).deliveries).toMatchObject([{ state: 'delivered' }]);
    expect((await api.call('GET', `/v1/messages/${mine.id}`)).status).toBe(404);
  });

  it('has kept the log clean', async () => {
    expectCleanLog(instance.log(), ['zebrafish', 'zinnia', 'haddad', 'lanterns', 'tomography', key.secret]);
    expect(faultsIn(instance.log())).toEqual([]);
    expect(await instance.stop()).toBe(0);
  });
});
