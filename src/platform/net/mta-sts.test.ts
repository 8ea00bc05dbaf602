import { createServer, type Server } from 'node:https';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NetworkProfile } from '#core/network';
import { type Issued, issue } from './certificates-fixture.ts';
import { createMtaSts, type KeptPolicy, type MtaStsStore } from './mta-sts.ts';
import { announcedId, listsHost, parseMtaStsPolicy } from './mta-sts-policy.ts';

const POLICY = 'version: STSv1\r\nmode: enforce\r\nmx: mx.x.test\r\nmx: *.y.test\r\nmax_age: 604800\r\n';

describe('the announcement', () => {
  it.each([
    [['v=STSv1; id=20160831085700Z;'], '20160831085700Z'],
    [['v=STSv1;id=1'], '1'],
    [['v=STSv1 ; id=a ; x=y;'], 'a'],
    [['v=spf1 -all', 'v=STSv1; id=b'], 'b'],
    [['v=STSv1; id=a', 'v=STSv1; id=b'], null],
    [['v=STSv1; id=a; id=b'], null],
    [['v=STSv1; id='], null],
    [['v=STSv1;'], null],
    [['v=STSv1'], null],
    [['v=STSv2; id=a'], null],
    [['id=a; v=STSv1'], null],
    [['v=STSv1; id=a-b'], null],
    [[`v=STSv1; id=${'a'.repeat(33)}`], null],
    [['v=STSv1; id=a;; x=y'], null],
    [[], null],
  ])('%j: %s', (texts, id) => {
    expect(announcedId(texts)).toBe(id);
  });
});

describe('the policy', () => {
  it('is read with all its hosts', () => {
    expect(parseMtaStsPolicy(POLICY)).toEqual({
      mode: 'enforce',
      mx: ['mx.x.test', '*.y.test'],
      maxAge: 604_800,
    });
  });

  it.each([
    ['LF line ends', POLICY.replaceAll('\r\n', '\n')],
    ['no line end at its end', POLICY.trimEnd()],
    ['unknown fields', `${POLICY}future: yes\r\n`],
    ['a field twice: the first counts', `${POLICY}mode: none\r\nmax_age: 1\r\n`],
    ['capital letters in hosts', POLICY.replace('mx.x', 'MX.X')],
  ])('%s', (_what, text) => {
    expect(parseMtaStsPolicy(text)).toMatchObject({ mode: 'enforce', maxAge: 604_800 });
    expect(parseMtaStsPolicy(text)?.mx[0]).toBe('mx.x.test');
  });

  it('may be kept for a year at most, and may have no host with mode none', () => {
    expect(parseMtaStsPolicy(POLICY.replace('604800', '9999999999'))?.maxAge).toBe(31_557_600);
    expect(parseMtaStsPolicy('version: STSv1\nmode: none\nmax_age: 0\n')).toEqual({
      mode: 'none',
      mx: [],
      maxAge: 0,
    });
  });

  it.each([
    ['no version', POLICY.replace('version: STSv1\r\n', '')],
    ['another version', POLICY.replace('STSv1', 'STSv2')],
    ['no mode', POLICY.replace('mode: enforce\r\n', '')],
    ['an unknown mode', POLICY.replace('enforce', 'Enforce')],
    ['no age', POLICY.replace('max_age: 604800\r\n', '')],
    ['a negative age', POLICY.replace('604800', '-1')],
    ['no host', POLICY.replaceAll(/mx: .*\r\n/g, '')],
    ['a wildcard in the middle', POLICY.replace('*.y', 'a.*.y')],
    ['a wildcard in part of a label', POLICY.replace('*.y', 'm*.y')],
    ['a wildcard alone', POLICY.replace('*.y.test', '*')],
    ['an address with spaces', POLICY.replace('mx.x.test', 'mx .x.test')],
    ['a web page', '<html>\r\n<body>404</body>\r\n'],
    ['nothing', ''],
  ])('%s is no policy', (_what, text) => {
    expect(parseMtaStsPolicy(text)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseMtaStsPolicy(text)));
    fc.assert(fc.property(fc.string(), (text) => void parseMtaStsPolicy(POLICY + text)));
  });

  it.each([
    ['mx.x.test', 'mx.x.test', true],
    ['mx.x.test', 'MX.X.test.', true],
    ['mx.x.test', 'a.mx.x.test', false],
    ['*.y.test', 'mx.y.test', true],
    ['*.y.test', 'y.test', false],
    ['*.y.test', 'a.b.y.test', false],
    ['*.y.test', 'mxy.test', false],
    ['*.y.test', '.y.test', false],
  ])('%s and %s: %s', (pattern, host, listed) => {
    expect(listsHost([pattern], host)).toBe(listed);
  });
});

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  readonly location?: string;
}

let authority: Issued;
let server: Server;
let port = 0;
let answer: Answer = {};
let fetched = 0;
let texts: readonly string[] | 'failed' = [];
let host = 'mta-sts.x.test';
let now = 0;
const kept = new Map<string, KeptPolicy>();
const stored: MtaStsStore = {
  read: async (domain) => kept.get(domain) ?? null,
  async write(domain, policy) {
    kept.set(domain, policy);
  },
  stale: async (before) => [...kept].filter(([, { fetchedAt }]) => fetchedAt < before).map(([name]) => name),
};

beforeAll(async () => {
  authority = await issue({ name: 'authority', authority: true });
  const own = await issue({ name: 'policy host', issuer: authority, names: ['mta-sts.x.test'] });
  const { webcrypto } = await import('node:crypto');
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.keys.privateKey)).toString('base64');
  server = createServer(
    {
      cert: own.certificate.toString(),
      key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    },
    (request, response) => {
      fetched += 1;
      if (request.url !== '/.well-known/mta-sts.txt') return void response.writeHead(404).end();
      const { status = 200, type = 'text/plain; charset=utf-8', body = POLICY, location } = answer;
      const headers = { 'content-type': type, ...(location === undefined ? {} : { location }) };
      response.writeHead(status, headers).end(body);
    },
  );
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  port = typeof bound === 'object' && bound !== null ? bound.port : 0;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  answer = {};
  fetched = 0;
  texts = ['v=STSv1; id=1;'];
  host = 'mta-sts.x.test';
  now = Date.UTC(2026, 10, 1);
  kept.clear();
});

function network(): NetworkProfile {
  const none = { kind: 'none', nameExists: false, secure: false } as const;
  return {
    resolver: {
      mx: async () => none,
      addresses: async (name) =>
        name === host ? { kind: 'found', records: ['127.0.0.1'], secure: false } : none,
      txt: async () =>
        texts === 'failed'
          ? { kind: 'failed', code: 'servfail' }
          : texts.length === 0
            ? none
            : { kind: 'found', records: texts, secure: false },
    },
    smtpPort: () => 25,
    mayConnect: () => true,
    mayRoute: () => true,
    extraRoots: [authority.certificate.toString()],
    webPort: () => port,
  };
}
const mtaSts = (store = stored) =>
  createMtaSts({ store, clock: { now: () => new Date(now), monotonic: () => now } });
interface Change {
  readonly texts?: readonly string[] | 'failed';
  readonly host?: string;
  readonly answer?: Answer;
}
function set(change: Change): void {
  texts = change.texts ?? texts;
  host = change.host ?? host;
  answer = change.answer ?? answer;
}
const DAY = 86_400_000;
const MINUTE = 60_000;

describe('keeping policies', () => {
  it('an announced policy is fetched once, by however many sends, and kept for its age', async () => {
    const policies = mtaSts();
    const states = await Promise.all(Array.from({ length: 20 }, () => policies.stateOf('x.test', network())));
    expect(states.every(({ policy }) => policy?.mode === 'enforce')).toBe(true);
    expect(fetched).toBe(1);
    expect(kept.get('x.test')).toMatchObject({
      id: '1',
      fetchedAt: new Date(now),
      expiresAt: new Date(now + 7 * DAY),
    });
    now += 60 * MINUTE;
    await policies.stateOf('x.test', network());
    expect(fetched).toBe(1);
  });

  it('another process finds it in the store, and fetches nothing', async () => {
    await mtaSts().stateOf('x.test', network());
    expect(await mtaSts().stateOf('x.test', network())).toMatchObject({ policy: { id: '1' } });
    expect(fetched).toBe(1);
  });

  it.each([
    ['its announcement is gone', () => set({ texts: [] })],
    ['its announcement cannot be looked up', () => set({ texts: 'failed' })],
    ['its announcement is malformed', () => set({ texts: ['v=STSv1; id=!'] })],
    [
      'another is announced and its host does not exist',
      () => set({ texts: ['v=STSv1; id=2'], host: 'gone' }),
    ],
    ['another is announced and is no policy', () => set({ texts: ['v=STSv1; id=2'], answer: { body: 'x' } })],
  ])('it holds until it expires though %s', async (_what, change) => {
    const policies = mtaSts();
    await policies.stateOf('x.test', network());
    change();
    now += 6 * DAY;
    expect(await policies.stateOf('x.test', network())).toMatchObject({
      policy: { id: '1', mode: 'enforce' },
    });
    expect(await mtaSts().stateOf('x.test', network())).toMatchObject({ policy: { id: '1' } });
    now += DAY + 1;
    expect(await policies.stateOf('x.test', network())).toMatchObject({ policy: null });
  });

  it('another id is fetched at once; mode none ends what was enforced', async () => {
    const policies = mtaSts();
    await policies.stateOf('x.test', network());
    texts = ['v=STSv1; id=2'];
    answer = { body: 'version: STSv1\nmode: none\nmax_age: 86400\n' };
    expect(await policies.stateOf('x.test', network())).toMatchObject({ policy: { id: '2', mode: 'none' } });
    expect(fetched).toBe(2);
  });

  it('is fetched anew by the refresher after a day, so that it does not run out', async () => {
    const policies = mtaSts();
    await policies.stateOf('x.test', network());
    now += DAY + 1;
    await policies.stateOf('x.test', network());
    expect(fetched).toBe(1);
    expect(await policies.refresh(network())).toBe(1);
    expect(kept.get('x.test')?.expiresAt).toEqual(new Date(now + 7 * DAY));
    expect(await policies.refresh(network())).toBe(0);
    now += DAY + 1;
    answer = { status: 500 };
    expect(await policies.refresh(network())).toBe(0);
    expect(await policies.refresh(network())).toBe(0);
    expect(fetched).toBe(3);
    answer = {};
    texts = [];
    now += 5 * MINUTE + 1;
    expect(await policies.refresh(network())).toBe(0);
    expect(fetched).toBe(3);
  });

  it('a policy that may not be kept is not fetched for every message', async () => {
    const policies = mtaSts();
    answer = { body: POLICY.replace('604800', '0') };
    for (let index = 0; index < 5; index += 1) {
      expect(await policies.stateOf('x.test', network())).toMatchObject({ policy: { mode: 'enforce' } });
    }
    expect(fetched).toBe(1);
    now += MINUTE;
    texts = [];
    expect(await policies.stateOf('x.test', network())).toMatchObject({ policy: null });
  });

  it.each([
    [
      'a redirect, though it leads to a good policy',
      () => set({ answer: { status: 302, location: '/.well-known/mta-sts.txt' } }),
      'sts-policy-fetch-error',
    ],
    ['not found', () => set({ answer: { status: 404 } }), 'sts-policy-fetch-error'],
    ['201', () => set({ answer: { status: 201 } }), 'sts-policy-fetch-error'],
    [
      'a policy too large',
      () => set({ answer: { body: POLICY + 'x: y\r\n'.repeat(12_000) } }),
      'sts-policy-fetch-error',
    ],
    ['another media type', () => set({ answer: { type: 'text/html' } }), 'sts-policy-invalid'],
    ['something else', () => set({ answer: { body: 'hello' } }), 'sts-policy-invalid'],
    ['no host', () => set({ host: 'gone' }), 'sts-policy-fetch-error'],
  ])(
    'a host that answers with %s has no policy, and is left alone for five minutes',
    async (_what, change, failure) => {
      const policies = mtaSts();
      change();
      expect(await policies.stateOf('x.test', network())).toEqual({ policy: null, failure });
      for (let index = 0; index < 3; index += 1) {
        expect(await policies.stateOf('x.test', network())).toEqual({ policy: null, failure: null });
      }
      expect(fetched).toBeLessThanOrEqual(1);
      answer = {};
      host = 'mta-sts.x.test';
      now += 5 * MINUTE + 1;
      expect(await policies.stateOf('x.test', network())).toMatchObject({
        policy: { id: '1' },
        failure: null,
      });
    },
  );

  it('a certificate for another name has no policy', async () => {
    host = 'mta-sts.other.test';
    expect(await mtaSts().stateOf('other.test', network())).toEqual({
      policy: null,
      failure: 'sts-webpki-invalid',
    });
    expect(fetched).toBe(0);
  });

  it('a certificate that nobody vouches for has no policy', async () => {
    const untrusting = { ...network(), extraRoots: [] };
    expect(await mtaSts().stateOf('x.test', untrusting)).toMatchObject({ failure: 'sts-webpki-invalid' });
  });

  it('nothing announced and nothing kept: the web is not asked, and the store once a minute', async () => {
    texts = [];
    let reads = 0;
    const counting: MtaStsStore = {
      ...stored,
      async read() {
        reads += 1;
        return null;
      },
    };
    const policies = mtaSts(counting);
    for (let index = 0; index < 50; index += 1) await policies.stateOf('x.test', network());
    expect([reads, fetched]).toEqual([1, 0]);
    now += MINUTE + 1;
    await policies.stateOf('x.test', network());
    expect(reads).toBe(2);
  });

  it('a store that fails is a fault', async () => {
    const broken = { ...stored, read: () => Promise.reject(new Error('gone')) };
    await expect(mtaSts(broken).stateOf('x.test', network())).rejects.toThrow('gone');
  });
});
