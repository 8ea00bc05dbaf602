import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dnsRecord } from '#platform/keyring';
import { loadConfig, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { type RoadForTest, startRoadForTest } from '../../test/support/road.ts';
import { connectOwner } from '../platform/database/owner-connection.ts';
import { createMetrics } from './metrics.ts';
import { tlsReportKeys } from './tls-reporter.ts';

const CONTENT = Buffer.from(
  'From: Staff <staff@clinic.test>\r\nSubject: CANARY-SUBJECT\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nCANARY-BODY\r\n',
);
const REPORTING = 'reports.clinic.test';

let home: string;
let fresh: FreshDatabase;
let road: RoadForTest;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-reports-'));
  fresh = await freshDatabase({ poolSize: 10 });
  const config = loadConfig(
    {},
    {
      SEALPOST_HOME: home,
      DATABASE_URL: fresh.url,
      SEALPOST_TLS_REPORT_DOMAIN: REPORTING,
      SEALPOST_TLS_REPORT_CONTACT: 'it@clinic.test',
    },
  );
  road = await startRoadForTest(config, silentLogger);
});

afterAll(async () => {
  await road.close();
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

async function sendAndReport(): Promise<void> {
  const { id } = await road.submit(
    'staff@clinic.test',
    ['canary-anna@mta-sts.test', 'canary-ben@dane-wrong.test'],
    CONTENT,
  );
  await road.waitForEnds(id, 30_000);
  const job = (name: string) => road.parts.road.jobs.find((one) => one.name === name)?.run();
  await job('write-tls-results');
  // As if it had been the day before yesterday, whose report is due at any time of today.
  const owner = await connectOwner(fresh.superuserUrl);
  try {
    await owner.script(
      `update sealpost.tls_result set day = (now() at time zone 'UTC')::date - 2 where domain in ('mta-sts.test', 'dane-wrong.test')`,
    );
  } finally {
    await owner.close();
  }
  await job('send-tls-reports');
}

function reportIn(mail: string) {
  const body = /\.json\.gz"\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n--/.exec(mail)?.[1] ?? '';
  return JSON.parse(gunzipSync(Buffer.from(body, 'base64')).toString());
}

describe('TLS reports', () => {
  it('reach the domains that ask for them, signed, even where the mail host fails what the report is about', async () => {
    await sendAndReport();
    const { mailboxes } = road.sandbox();
    const [good] = await mailboxes.waitFor('tls-reports@good-tls.test', 1);
    const report = reportIn(good?.bytes.toString() ?? '');
    expect(report).toMatchObject({
      'organization-name': REPORTING,
      'contact-info': 'it@clinic.test',
      policies: [
        {
          policy: {
            'policy-type': 'sts',
            'policy-string': ['version: STSv1', 'mode: enforce', 'mx: *.mta-sts.test', 'max_age: 86400'],
            'policy-domain': 'mta-sts.test',
            'mx-host': ['*.mta-sts.test'],
          },
          summary: { 'total-successful-session-count': 1, 'total-failure-session-count': 0 },
        },
      ],
    });
    const [failing] = await mailboxes.waitFor('tls-reports@dane-wrong.test', 1);
    const failed = reportIn(failing?.bytes.toString() ?? '');
    expect(failed.policies[0]).toMatchObject({
      policy: { 'policy-type': 'tlsa', 'policy-string': [expect.stringMatching(/^3 1 1 [0-9A-F]{64}$/)] },
      'failure-details': [
        { 'result-type': 'validation-failure', 'receiving-mx-hostname': 'mx.dane-wrong.test' },
      ],
    });
    for (const mail of [good, failing]) {
      expect(`${mail?.bytes.toString() ?? ''}${JSON.stringify([report, failed])}`).not.toMatch(
        /canary|staff@/i,
      );
    }
    // What carried the report is not counted in turn (RFC 8460 §3). The other domain also gets a notice, which is.
    await road.parts.road.jobs.find(({ name }) => name === 'write-tls-results')?.run();
    const left = await fresh.database.system('worker', (tx) =>
      tx.query({
        text: `select domain from sealpost.tls_result where domain = 'good-tls.test'`,
      }),
    );
    expect(left).toEqual([]);
    expect(road.parts.road.tlsReporter?.stats()).toMatchObject({ sent: 2, failed: 0 });

    expect(await createMetrics(road.parts).text()).toContain('sealpost_tls_reports_total{outcome="sent"} 2');

    const keys = await tlsReportKeys(road.parts.foundation, REPORTING);
    const records = new Map(
      keys
        .map((key) => dnsRecord({ ...key, service: 'tlsrpt:email' }))
        .map(({ name, text }) => [name, text] as const),
    );
    expect([...records.keys()]).toEqual([
      `tlsrpt1._domainkey.${REPORTING}`,
      `tlsrpt2._domainkey.${REPORTING}`,
    ]);
    const { results } = await dkimVerify(good?.bytes ?? Buffer.alloc(0), {
      resolver: async (name: string) => {
        const text = records.get(name);
        if (text === undefined) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
        return [[text]];
      },
    });
    expect(results.map(({ status, signingDomain }) => [status.result, signingDomain])).toEqual([
      ['pass', REPORTING],
      ['pass', REPORTING],
    ]);
  }, 60_000);
});
