import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '#core/address';
import type { Looked } from '#core/network';
import type { Fetched } from '#platform/net';
import { silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts';
import { connectOwner, type OwnerConnection } from '../../../platform/database/owner-connection.ts';
import { createTlsReporter, type ReadyReport, type TlsReporterOptions } from './send-reports.ts';

let fresh: FreshDatabase;
let owner: OwnerConnection;
beforeAll(async () => {
  fresh = await freshDatabase();
  owner = await connectOwner(fresh.superuserUrl);
});
afterAll(async () => {
  await owner.close();
  await fresh.close();
});
beforeEach(() => owner.script('delete from sealpost.tls_report; delete from sealpost.tls_result'));

const found = (...records: string[]): Looked<string> => ({ kind: 'found', records, secure: false });
const answered = (status: number): Fetched => ({
  kind: 'answered',
  status,
  headers: {},
  body: Buffer.alloc(0),
});
const RECORD = 'v=TLSRPTv1; rua=mailto:r@x.test';

interface World {
  now: Date;
  readonly texts: Map<string, Looked<string>>;
  readonly mailed: { readonly report: ReadyReport; readonly to: Address }[];
  readonly posted: {
    readonly url: string;
    readonly options: Parameters<TlsReporterOptions['post']>[1];
  }[];
  /** What becomes of a mail, and of a POST. */
  takes: () => boolean | Promise<boolean>;
  answers: () => Fetched;
}

function world(at: string): World {
  const texts = new Map([['_smtp._tls.x.test', found(RECORD)]]);
  return {
    now: new Date(at),
    texts,
    mailed: [],
    posted: [],
    takes: () => true,
    answers: () => answered(201),
  };
}

function reporter(world: World, tryMs = 60_000) {
  const unused = async (): Promise<never> => {
    throw new Error('not used here');
  };
  return createTlsReporter({
    database: fresh.database,
    clock: { now: () => world.now, monotonic: () => 0 },
    logger: silentLogger,
    network: () => ({
      resolver: {
        mx: unused,
        addresses: unused,
        txt: async (name) => world.texts.get(name) ?? { kind: 'none', nameExists: false, secure: false },
      },
      smtpPort: () => 25,
      mayConnect: () => false,
      mayRoute: () => true,
      extraRoots: [],
    }),
    tryMs,
    reporting: { domain: 'reports.clinic.test', contact: 'it@clinic.test' },
    policies: { read: async () => null },
    async mail(report, to) {
      const taken = await world.takes();
      world.mailed.push({ report, to });
      return taken;
    },
    async post(url, options) {
      world.posted.push({ url, options });
      return world.answers();
    },
  });
}

const count = (day: string, domain: string, result = 'success') =>
  owner.script(
    `insert into sealpost.tls_result values ('${day}', '${domain}', 'no-policy-found', 'mx.${domain}', '${result}', 3)`,
  );
const rows = () =>
  owner.query<{ day: string; domain: string; state: string; attempts: number }>(
    'select day::text, domain, state, attempts from sealpost.tls_report order by day, domain',
  );
const counted = () => owner.query('select day::text, domain from sealpost.tls_result order by day, domain');
const LATE = '2026-11-26T07:00:00Z';

describe('a day that has ended', () => {
  it('is reported once, two to six hours later, and its counts go', async () => {
    await count('2026-11-25', 'x.test');
    await count('2026-11-25', 'x.test', 'certificate-expired');
    await count('2026-11-26', 'x.test');
    await count('2026-11-20', 'x.test');
    const at = world('2026-11-26T01:59:59Z');
    const one = reporter(at);
    expect(await one.run()).toBe(0);
    const [planned] = await owner.query<{ due_at: Date }>('select due_at from sealpost.tls_report');
    const due = planned?.due_at.getTime() ?? 0;
    expect(due).toBeGreaterThanOrEqual(Date.parse('2026-11-26T02:00:00Z'));
    expect(due).toBeLessThanOrEqual(Date.parse('2026-11-26T06:00:00Z'));
    at.now = new Date(LATE);
    expect(await one.run()).toBe(1);
    expect(await one.run()).toBe(0);
    expect(await rows()).toEqual([{ day: '2026-11-25', domain: 'x.test', state: 'sent', attempts: 1 }]);
    expect(await counted()).toEqual([
      { day: '2026-11-20', domain: 'x.test' },
      { day: '2026-11-26', domain: 'x.test' },
    ]);
    expect(at.mailed).toHaveLength(1);
    expect(at.mailed[0]?.to).toEqual({ local: 'r', domain: 'x.test' });
    const json = JSON.parse(gunzipSync(at.mailed[0]?.report.report ?? '').toString());
    expect(json['report-id']).toBe('20261125.x.test@reports.clinic.test');
    expect(json.policies[0].summary).toEqual({
      'total-successful-session-count': 3,
      'total-failure-session-count': 3,
    });
    expect(one.stats()).toEqual({ sent: 1, unwanted: 0, deferred: 0, failed: 0 });
  });

  it('is not reported anew by counts that come after the report', async () => {
    await count('2026-11-25', 'x.test');
    const at = world(LATE);
    await reporter(at).run();
    await count('2026-11-25', 'x.test');
    expect(await reporter(at).run()).toBe(0);
    expect(at.mailed).toHaveLength(1);
  });

  it('goes out once from several processes', async () => {
    for (let index = 0; index < 30; index += 1) await count('2026-11-25', `d${index}.test`);
    const at = world(LATE);
    for (let index = 0; index < 30; index += 1) at.texts.set(`_smtp._tls.d${index}.test`, found(RECORD));
    const looked = await Promise.all([1, 2, 3].map(() => reporter(at).run()));
    expect(looked.reduce((sum, each) => sum + each, 0)).toBe(30);
    expect(new Set(at.mailed.map(({ report }) => report.domain)).size).toBe(30);
    expect(at.mailed).toHaveLength(30);
  });

  it('is not told to a domain that does not ask', async () => {
    await count('2026-11-25', 'silent.test');
    const at = world(LATE);
    await reporter(at).run();
    expect((await rows()).map(({ state }) => state)).toEqual(['unwanted']);
    expect(await counted()).toEqual([]);
    expect(at.mailed).toEqual([]);
  });
});

describe('a report that could not be sent', () => {
  it('is tried again with the same octets, less and less often, and given up after a day', async () => {
    await count('2026-11-25', 'x.test');
    const at = world(LATE);
    at.takes = () => false;
    const one = reporter(at);
    await one.run();
    expect(await one.run()).toBe(0);
    at.now = new Date('2026-11-26T07:15:01Z');
    await count('2026-11-25', 'x.test', 'certificate-expired');
    expect(await one.run()).toBe(1);
    const [first, second] = at.mailed.map(({ report }) => report.report);
    expect(second).toEqual(first);
    at.now = new Date('2026-11-26T07:30:02Z');
    expect(await one.run()).toBe(0);
    at.now = new Date('2026-11-27T06:00:00Z');
    expect(await one.run()).toBe(1);
    expect((await rows()).map(({ state, attempts }) => [state, attempts])).toEqual([['failed', 3]]);
    expect(await counted()).toEqual([]);
    expect(one.stats()).toEqual({ sent: 0, unwanted: 0, deferred: 2, failed: 1 });
  });

  it('is not lost and not made anew when a process dies with it in hand', async () => {
    await count('2026-11-25', 'x.test');
    const at = world(LATE);
    let dies: () => void = () => undefined;
    const dying = new Promise<void>((resolve) => {
      dies = resolve;
    });
    // This one never comes back from sending.
    at.takes = () => {
      dies();
      return new Promise(() => undefined);
    };
    void reporter(at).run();
    await dying;
    const kept = await owner.query<{ report: Buffer }>('select report from sealpost.tls_report');
    at.takes = () => true;
    at.now = new Date('2026-11-26T08:59:59Z');
    expect(await reporter(at).run()).toBe(0);
    at.now = new Date('2026-11-26T09:00:01Z');
    expect(await reporter(at).run()).toBe(1);
    expect(at.mailed.map(({ report }) => report.report)).toEqual([kept[0]?.report]);
    expect((await rows()).map(({ state, attempts }) => [state, attempts])).toEqual([['sent', 2]]);
  });

  it('does not hold up the others when its endpoint never answers', async () => {
    await count('2026-11-25', 'slow.test');
    await count('2026-11-25', 'x.test');
    const at = world(LATE);
    at.texts.set('_smtp._tls.slow.test', found('v=TLSRPTv1; rua=mailto:r@slow.test,https://slow.test/'));
    let tries = 0;
    at.takes = () => {
      tries += 1;
      return tries === 1 ? new Promise(() => undefined) : true;
    };
    expect(await reporter(at, 200).run()).toBe(2);
    expect((await rows()).map(({ state }) => state).toSorted()).toEqual(['due', 'sent']);
    expect(at.posted).toEqual([]);
  });

  it('that another try holds by now is not ended by the one before, unless that was taken', async () => {
    await count('2026-11-25', 'x.test');
    const at = world(LATE);
    const answers: ((taken: boolean) => void)[] = [];
    at.takes = () => new Promise((resolve) => void answers.push(resolve));
    const first = reporter(at).run();
    await expect.poll(() => answers.length).toBe(1);
    at.now = new Date('2026-11-27T08:00:00Z');
    const second = reporter(at).run();
    await expect.poll(() => answers.length).toBe(2);
    answers[0]?.(false);
    await first;
    expect((await rows()).map(({ state, attempts }) => [state, attempts])).toEqual([['due', 2]]);
    answers[1]?.(true);
    await second;
    expect((await rows()).map(({ state }) => state)).toEqual(['sent']);
  });

  it('waits while DNS does not answer, and a fault is a failed try', async () => {
    await count('2026-11-25', 'x.test');
    const at = world(LATE);
    at.texts.set('_smtp._tls.x.test', { kind: 'failed', code: 'SERVFAIL' });
    await reporter(at).run();
    at.texts.set('_smtp._tls.x.test', found(RECORD));
    at.takes = () => Promise.reject(new Error('broken'));
    at.now = new Date('2026-11-26T07:16:00Z');
    await reporter(at).run();
    expect((await rows()).map(({ state, attempts }) => [state, attempts])).toEqual([['due', 2]]);
  });
});

describe('a web endpoint', () => {
  it('gets the report by POST; 2xx is success, and what does not take it is followed by the next', async () => {
    await count('2026-11-25', 'x.test');
    const at = world(LATE);
    at.texts.set(
      '_smtp._tls.x.test',
      found('v=TLSRPTv1; rua=https://a.test/r,https://b.test/r,mailto:r@x.test'),
    );
    const statuses = [301, 201];
    at.answers = () => answered(statuses.shift() ?? 500);
    await reporter(at).run();
    expect(at.posted.map(({ url }) => url)).toEqual(['https://a.test/r', 'https://b.test/r']);
    const [{ options } = { options: null }] = at.posted;
    expect(options).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/tlsrpt+gzip' },
      timeoutMs: 30_000,
    });
    expect(options?.redirects ?? 0).toBe(0);
    expect(at.mailed).toEqual([]);
    expect((await rows()).map(({ state }) => state)).toEqual(['sent']);
  });
});

describe('old reports', () => {
  it('go by day, and what serves people cannot read them', async () => {
    await count('2026-11-25', 'x.test');
    const one = reporter(world(LATE));
    await one.run();
    expect(await one.sweep('2026-11-25')).toBe(0);
    expect(await one.sweep('2026-11-26')).toBe(1);
    const text = 'select 1 from sealpost.tls_report';
    await expect(fresh.database.system('app', (tx) => tx.query({ text }))).rejects.toMatchObject({
      code: '42501',
    });
  });
});
