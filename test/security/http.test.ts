import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebClient } from '../../prove/support/web-client.ts';
import { countMessages, type Installation, rawExchange, startInstallation } from './installation.ts';

let here: Installation;
let endless: EndlessHeaders;
beforeAll(async () => {
  here = await startInstallation();
  endless = sendEndlessHeaders(here.portalUrl);
});
afterAll(() => here.close());

interface EndlessHeaders {
  /** Milliseconds until the last of them was cut off. */
  readonly cutOff: Promise<number>;
  stop(): void;
}

/** Twenty clients who never end their header, a letter every two seconds, beside everything that is tried here. */
function sendEndlessHeaders(url: string): EndlessHeaders {
  const { port } = new URL(url);
  const began = Date.now();
  const sockets = Array.from({ length: 20 }, () => connect({ host: '127.0.0.1', port: Number(port) }));
  const closed = sockets.map(
    (socket) =>
      new Promise<void>((resolve) => {
        socket.on('close', () => resolve());
        socket.on('error', () => socket.destroy());
        socket.resume();
      }),
  );
  for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  const drip = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('a');
  }, 2_000);
  return {
    cutOff: Promise.all(closed).then(() => Date.now() - began),
    stop() {
      clearInterval(drip);
      for (const socket of sockets) socket.destroy();
    },
  };
}

const letter = { to: ['anna@good-tls.test'], subject: 'Results', text: 'All is well.' };
const INTERNALS = /node_modules|\/src\/|\.ts:\d+|\bat \w+ \(|SELECT |sealpost\.[a-z_]+|ECONN|SQLSTATE/;

describe('what a message brings', () => {
  it('cannot add header fields by its subject, names or addresses', async () => {
    const tries = [
      { ...letter, subject: 'x\r\nBcc: spy@good-tls.test' },
      { ...letter, subject: 'x\nBcc: spy@good-tls.test' },
      { ...letter, to: ['anna@good-tls.test\r\nBcc: spy@good-tls.test'] },
      { ...letter, to: ['"x\r\nBcc: spy@good-tls.test" <anna@good-tls.test>'] },
      { ...letter, from: 'dr@clinic.test\r\nBcc: spy@good-tls.test' },
    ];
    for (const body of tries) {
      const { status } = await here.api.ask('POST', '/v1/messages', { body });
      if (status === 202) continue; // made harmless: looked for below
      expect(status).toBe(422);
    }
    const { items } = (await here.api.ask('GET', '/v1/messages')).json<{ items: { to: string[] }[] }>();
    expect(items.flatMap(({ to }) => to).filter((to) => to.includes('spy'))).toEqual([]);
    const attachments = [{ name: 'a"\r\nSet-Cookie: x=1;é.txt', type: 'text/plain', content: 'eA==' }];
    const sent = await here.api.ask('POST', '/v1/messages', { body: { ...letter, attachments } });
    if (sent.status === 202) {
      const { id } = sent.json<{ id: string }>();
      const file = await here.api.ask('GET', `/v1/messages/${id}/attachments/0`);
      expect(file.status).toBe(200);
      expect(file.headers['set-cookie']).toBeUndefined();
      expect(file.headers['content-disposition']).toMatch(/^attachment; /);
      expect(file.headers['x-content-type-options']).toBe('nosniff');
    } else expect(sent.status).toBe(422);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const spy = await here.api.ask('GET', '/v1/sandbox/mailboxes/spy@good-tls.test/messages');
    expect(spy.json<{ items: unknown[] }>().items).toEqual([]);
  });

  it('is refused with 413 when it is too large, with a length and without', async () => {
    const big = Buffer.alloc(10 * 1024 * 1024 + 1, 32);
    const headers = { 'content-type': 'application/json' };
    const first = await here.api.ask('POST', '/v1/messages', { headers, body: big }).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code, // cut off while sending what nobody reads
    );
    expect([413, 'ECONNRESET', 'EPIPE']).toContain(first);
    const chunked = await rawExchange(
      here.apiUrl,
      `POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${here.apiKey}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${'100000\r\n'.concat(' '.repeat(0x100000), '\r\n').repeat(11)}0\r\n\r\n`,
    );
    expect(chunked === '' || chunked.startsWith('HTTP/1.1 413')).toBe(true);
    const form = await new WebClient(here.portalUrl).ask('POST', '/sign-in', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `address=${'x'.repeat(1024 * 1024 + 10)}`,
    });
    expect(form.status).toBe(413);
  });

  it('has no field that is not known', async () => {
    const extra = await here.api.ask('POST', '/v1/messages', { body: { ...letter, admin: true } });
    expect(extra.status).toBe(422);
    expect((await here.api.ask('GET', '/v1/messages?organisation=x')).status).toBe(422);
    const polluted = await here.api.ask('POST', '/v1/messages', {
      headers: { 'content-type': 'application/json' },
      body: `{"__proto__":{"permissions":["installation:operate"]},"constructor":{"prototype":{"x":1}},"to":["a@good-tls.test"],"subject":"s","text":"t"}`,
    });
    expect(polluted.status).toBe(422);
    expect(Reflect.get({}, 'permissions')).toBeUndefined();
  });

  it('is sent once for one idempotency key, also when it comes many times at the same moment', async () => {
    const before = await countMessages(here);
    const headers = { 'idempotency-key': 'twins-1' };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => here.api.ask('POST', '/v1/messages', { headers, body: letter })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map((answer) => answer.json<{ id: string }>().id)).size).toBe(1);
    expect(await countMessages(here)).toBe(before + 1);
    const other = await here.api.ask('POST', '/v1/messages', { headers, body: { ...letter, text: 'other' } });
    expect(other.status).toBe(409);
    const long = await here.api.ask('POST', '/v1/messages', {
      headers: { 'idempotency-key': 'k'.repeat(2_000) },
      body: letter,
    });
    expect(long.status).toBe(422);
  });
});

describe('files', () => {
  const paths = [
    '/../package.json',
    '/../../package.json',
    '/%2e%2e/%2e%2e/package.json',
    '/..%2f..%2fpackage.json',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    '/..%5c..%5cpackage.json',
    '/assets/....//....//package.json',
    '//etc/passwd',
    '/%00/package.json',
    '/assets/x/..%2f..%2fpackage.json',
    '/.sealpost-built',
  ];
  it.each(paths)('are not reached by %s', async (path) => {
    for (const url of [here.apiUrl, here.portalUrl]) {
      const { text, status } = await new WebClient(url).ask('GET', path);
      expect(text).not.toMatch(/"workspaces"|"devDependencies"|root:x:0/);
      expect(status).toBeLessThan(500);
    }
  });
});

describe('a session', () => {
  const post = (headers: Record<string, string>, more: { body?: object | string } = {}) => {
    const browser = new WebClient(here.apiUrl);
    for (const [name, value] of here.console.cookies) browser.cookies.set(name, value);
    browser.prover = here.console.prover;
    return browser.ask('POST', '/v1/policy/preview', {
      body: { address: 'a@good-tls.test', class: 'light' },
      ...more,
      headers,
    });
  };

  it('acts only with its CSRF header and from a page of its own', async () => {
    const csrf = { 'x-sealpost-csrf': here.csrf };
    expect((await post(csrf)).status).toBe(200);
    expect((await post({ ...csrf, origin: here.apiUrl })).status).toBe(200);
    expect((await post({})).status).toBe(403);
    expect((await post({ 'x-sealpost-csrf': `${here.csrf.slice(0, -2)}xx` })).status).toBe(403);
    for (const origin of [
      'https://evil.test',
      `${here.apiUrl}.evil.test`,
      'null',
      here.portalUrl,
      'http://localhost:1',
    ])
      expect((await post({ ...csrf, origin })).status, origin).toBe(403);
    expect((await post({ ...csrf, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ ...csrf, 'sec-fetch-site': 'same-site' })).status).toBe(403);
  });

  it('takes no body that a foreign form could send', async () => {
    const body = JSON.stringify({ address: 'a@good-tls.test', class: 'light' });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      '',
    ]) {
      const headers = { 'x-sealpost-csrf': here.csrf, ...(type === '' ? {} : { 'content-type': type }) };
      expect((await post(headers, { body })).status, type).toBe(415);
    }
  });

  it('is never one that somebody chose beforehand', async () => {
    const [name = '', own = ''] = [...here.console.cookies][0] ?? [];
    const planted = new WebClient(here.apiUrl);
    planted.cookies.set(name, 'attacker-chose-this-value-0000000000000000000');
    expect((await planted.ask('GET', '/v1/session')).status).toBe(401);
    expect(own).not.toContain('attacker');
    expect(own.length).toBeGreaterThanOrEqual(43);
  });

  it('has a cookie that scripts and other sites do not get', () => {
    const [line = ''] = here.console.setCookies;
    expect(line).toMatch(/; HttpOnly/i);
    expect(line).toMatch(/; SameSite=Strict/i);
    expect(line).toMatch(/; Path=\//i);
    expect(line).not.toMatch(/; Domain=/i);
  });

  it('ends where it is ended', async () => {
    const browser = new WebClient(here.apiUrl, { origin: here.apiUrl });
    for (const [name, value] of here.console.cookies) browser.cookies.set(name, value);
    browser.prover = here.console.prover;
    const before = (await browser.ask('GET', '/v1/session')).json<{ csrf: string }>();
    expect(before.csrf).toBe(here.csrf);
  });
});

describe('headers of answers', () => {
  const check = (headers: Readonly<Record<string, unknown>>, text: string, own: string): void => {
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|https?:|\*/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-frame-options']).toMatch(/DENY|SAMEORIGIN/);
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers.server).toBeUndefined();
    const elsewhere = [...text.matchAll(/(?:src|href|action)="((?:https?:)?\/\/[^"]+)"/g)].map(
      ([, url = '']) => url,
    );
    expect(elsewhere.filter((url) => !url.startsWith(own))).toEqual([]);
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|\son\w+="|style="/);
  };

  it.each(['/', '/setup', '/messages', '/v1/docs', '/v1/nothing', '/v1/messages', '/health/live', '/%zz'])(
    'stand on the API and console at %s',
    async (path) => {
      const { headers, text } = await new WebClient(here.apiUrl).ask('GET', path);
      check(headers, text, here.apiUrl);
    },
  );

  it.each(['/', '/sign-in', '/code', '/help', '/messages', '/m/unknown', '/nothing', '/signed-out', '/%zz'])(
    'stand on the portal at %s',
    async (path) => {
      const { headers, text } = await new WebClient(here.portalUrl).ask('GET', path);
      check(headers, text, here.portalUrl);
    },
  );

  it('say https and secure cookies only behind a proxy that is trusted', async () => {
    const said = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'mail.clinic.example' };
    const answer = await new WebClient(here.portalUrl).ask('GET', '/sign-in', { headers: said });
    expect(answer.headers['strict-transport-security']).toBeUndefined();
    const behind = await startInstallation({ SEALPOST_TRUSTED_PROXIES: '127.0.0.1', SEALPOST_ROLES: 'api' });
    try {
      const visitor = new WebClient(behind.portalUrl);
      const page = await visitor.ask('GET', '/sign-in', { headers: said });
      expect(page.headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
      for (const line of visitor.setCookies) {
        expect(line).toMatch(/^__Host-/);
        expect(line).toMatch(/; Secure/i);
        expect(line).toMatch(/; HttpOnly/i);
        expect(line).toMatch(/; SameSite=(Lax|Strict)/i);
      }
      expect(visitor.setCookies.length).toBeGreaterThan(0);
    } finally {
      await behind.close();
    }
  });
});

describe('errors and strange requests', () => {
  it('tell neither where they happened nor what was sent', async () => {
    const secret = 'mulberry7';
    const answers = await Promise.all([
      here.api.ask('POST', '/v1/messages', {
        headers: { 'content-type': 'application/json' },
        body: `{"${secret}`,
      }),
      here.api.ask('POST', '/v1/messages', { body: { [secret]: secret } }),
      here.api.ask('GET', `/v1/messages/${secret}`),
      here.api.ask('GET', `/v1/messages?cursor=${secret}`),
      here.api.ask('GET', `/v1/${secret}`),
      here.api.ask('GET', `/%zz${secret}`),
      here.api.ask('POST', '/v1/messages', { body: { ...letter, to: [`${secret}@@x`] } }),
      new WebClient(here.portalUrl).ask('GET', `/${secret}`),
      new WebClient(here.portalUrl).ask('GET', `/messages/${secret}`),
      new WebClient(here.apiUrl, { authorization: `Bearer ${secret}` }).ask('GET', '/v1/overview'),
    ]);
    for (const { status, text } of answers) {
      expect(status).toBeLessThan(500);
      expect(text).not.toContain(secret);
      expect(text).not.toMatch(INTERNALS);
    }
  });

  it('cannot change their method', async () => {
    const before = await countMessages(here);
    const message = (await here.api.ask('POST', '/v1/messages', { body: letter })).json<{ id: string }>();
    const { items } = (await here.console.ask('GET', '/v1/api-keys')).json<{ items: { id: string }[] }>();
    const path = `/v1/api-keys/${items[0]?.id}`;
    const browser = new WebClient(here.apiUrl);
    for (const [name, value] of here.console.cookies) browser.cookies.set(name, value);
    browser.prover = here.console.prover;
    for (const headers of [{ 'x-http-method-override': 'DELETE' }, { 'x-method-override': 'DELETE' }]) {
      await browser.ask('GET', path, { headers });
      await browser.ask('POST', `${path}?_method=DELETE`, {
        headers: { ...headers, 'x-sealpost-csrf': here.csrf },
        body: {},
      });
    }
    expect((await here.api.ask('GET', '/v1/overview')).status).toBe(200);
    for (const method of ['HEAD', 'TRACE', 'OPTIONS', 'PUT', 'PATCH', 'PROPFIND']) {
      const { status } = await here.api.ask(method, `/v1/messages/${message.id}/cancel`);
      expect([400, 404, 405, 501], method).toContain(status);
    }
    expect(await countMessages(here)).toBe(before + 1);
  });

  it('cannot hide one request in another', async () => {
    const smuggled = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
    const heads = [
      `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello${smuggled}`,
      `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
      `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `Content-Length: +5\r\n\r\nhello${smuggled}`,
      `X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 0x5\r\n\r\nhello${smuggled}`,
    ];
    for (const head of heads) {
      const said = await rawExchange(
        here.apiUrl,
        `POST /v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${head}`,
        1_000,
      );
      expect(said.match(/HTTP\/1\.1 \d{3}/g) ?? [], head).toHaveLength(1);
      expect(said, head).toMatch(/^HTTP\/1\.1 4/);
    }
  });
});

describe('floods', () => {
  it('of nobody knows whom are slowed down, whatever address they claim', async () => {
    const statuses = new Set<number>();
    let retryAfter: string | undefined;
    for (let round = 0; round < 20 && !statuses.has(429); round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          new WebClient(here.apiUrl).ask('POST', '/v1/sign-in/totp', {
            headers: { 'x-forwarded-for': `203.0.${round}.${index}`, forwarded: `for=203.0.113.${index}` },
            body: { ceremony: 'x'.repeat(43), code: '000000' },
          }),
        ),
      );
      for (const { status, headers } of answers) {
        statuses.add(status);
        retryAfter ??= headers['retry-after'];
      }
    }
    expect(statuses).toContain(429);
    expect(Number(retryAfter)).toBeGreaterThan(0);
    // Who has a key goes on.
    expect((await here.api.ask('GET', '/v1/overview')).status).toBe(200);
  });

  it('by clients who never end their header are cut off', async () => {
    expect((await new WebClient(here.portalUrl).ask('GET', '/robots.txt')).status).toBe(200);
    try {
      expect(await endless.cutOff).toBeLessThan(40_000);
    } finally {
      endless.stop();
    }
  }, 60_000);
});
