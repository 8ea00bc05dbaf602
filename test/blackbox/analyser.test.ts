import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Administrator, makeKey, setUp } from '../support/api.ts';
import { createBench, type Instance } from '../support/instance.ts';
import { expectCleanLog } from '../support/log-lines.ts';

const bench = createBench();
afterAll(() => bench.close());

const HEADER = [
  'Received: from abc.provider.example (abc.provider.example [198.51.100.1]) by def.provider.example (8.14.4/8.13.8) with ESMTP id q1 for <wren.tanager@provider.example>; Tue, 24 Nov 2026 10:05:00 +0000',
  'Received: from p02c11.mxlogic.net (p02c11.mxlogic.net [203.0.113.74]) by abc.provider.example (8.14.4/8.13.8) with ESMTP id q3',
  '\t(version=TLSv1/SSLv3 cipher=DHE-RSA-AES256-SHA bits=256 verify=NOT); Tue, 24 Nov 2026 10:04:00 +0000',
  'Received: from unknown [203.0.113.90] (EHLO nm13.webmail.example) by p02c11.mxlogic.net(mxl_mta-6.14.1-0) with ESMTP id m1; Tue, 24 Nov 2026 10:03:00 +0000',
  'Subject: wrensubject',
  '',
].join('\r\n');

interface Analysis {
  readonly hops: readonly {
    readonly recipient: string | null;
    readonly verdict: { readonly kind: string };
  }[];
  readonly overall: { readonly kind: string };
}
interface Report {
  readonly hosts: readonly {
    readonly host: string;
    readonly outcome: string;
    readonly failure: string | null;
  }[];
  readonly outlook: readonly { readonly class: string; readonly decision: { readonly method: string } }[];
}
interface AuditPage {
  readonly items: readonly {
    readonly id: string;
    readonly action: string;
    readonly details: Readonly<Record<string, unknown>>;
  }[];
}

describe('the analyser', () => {
  let instance: Instance;
  let admin: Administrator;

  beforeAll(async () => {
    instance = await bench.start(bench.home());
    admin = await setUp(instance.consoleUrl, instance.setupToken ?? '');
  });

  it('tells by the API how a message travelled, and keeps nothing of it', async () => {
    const { caller } = await makeKey(admin, ['messages:read']);
    const analysis = await caller.ask<Analysis>('POST', '/v1/analyser/headers', { headers: HEADER });
    expect(analysis.hops.map(({ verdict }) => verdict.kind)).toEqual(['clear', 'encrypted', 'internal']);
    expect(analysis.hops.at(-1)?.recipient).toBe('•••@provider.example');
    expect(analysis.overall.kind).toBe('clear');
    const { items } = await admin.browser.caller.ask<AuditPage>('GET', '/v1/audit?action=analyser.');
    // An entry that gets its place while the list is read may be listed as waiting and as placed.
    const entries = new Map(items.map((item) => [item.id, item]));
    expect([...entries.values()].map(({ action, details }) => [action, details])).toEqual([
      ['analyser.headers-analysed', { hops: 3, verdict: 'clear' }],
    ]);
    expectCleanLog(instance.log(), ['wren', 'provider.example']);
  });

  it('refuses what is too long, empty or unknown, and who may not', async () => {
    const { caller } = await makeKey(admin, ['messages:read']);
    const status = async (path: string, body: object) => (await caller.call('POST', path, body)).status;
    expect(await status('/v1/analyser/headers', { headers: 'x'.repeat(262_145) })).toBe(422);
    expect(await status('/v1/analyser/headers', { headers: '' })).toBe(422);
    expect(await status('/v1/analyser/headers', { headers: HEADER, keep: true })).toBe(422);
    expect(await status('/v1/analyser/domain', { domain: 'good-tls.test' })).toBe(403);
    const policies = await makeKey(admin, ['policies:read']);
    expect((await policies.caller.call('POST', '/v1/analyser/headers', { headers: HEADER })).status).toBe(
      403,
    );
  });

  it('tells what a domain’s servers can do and what would be done', async () => {
    const { caller } = await makeKey(admin, ['policies:read']);
    const check = (domain: string) => caller.ask<Report>('POST', '/v1/analyser/domain', { domain });
    const good = await check('good-tls.test');
    expect(good.hosts).toMatchObject([{ host: 'mx.good-tls.test', outcome: 'verified' }]);
    expect(good.outlook.map(({ decision }) => decision.method)).toEqual(['tls', 'tls', 'portal']);
    const poor = await check('wrong-cert.test');
    expect(poor.hosts).toMatchObject([{ outcome: 'unverified', failure: 'certificate-wrong-name' }]);
    expect(poor.outlook.map(({ decision }) => decision.method)).toEqual(['portal', 'portal', 'portal']);
    for (const domain of ['hospital.example', 'not a domain', 'wren@good-tls.test']) {
      expect((await caller.call('POST', '/v1/analyser/domain', { domain })).status).toBe(422);
    }
  });

  it('works on the command line, for a header without an installation', async () => {
    const home = bench.home();
    const file = join(home, 'message.eml');
    writeFileSync(file, `${HEADER}wrenbody\r\n`);
    const shown = await bench.run(home, ['analyse', 'headers', file]);
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toContain('CLEAR (high)');
    expect(shown.stdout).toContain('from the last server to the reader');
    expect(shown.stdout).not.toContain('wren');
    const missing = await bench.run(home, ['analyse', 'headers', join(home, 'nothing')]);
    expect([missing.code, missing.stderr]).toEqual([1, 'sealpost: the file cannot be read (ENOENT).\n']);
  });

  it('checks a domain on the command line beside the running installation', async () => {
    const checked = await bench.run(instance.home, ['analyse', 'domain', 'no-tls.test']);
    expect(checked.code, checked.stderr).toBe(0);
    expect(checked.stdout).toContain('mx.no-tls.test: no usable TLS · tls-not-offered');
    expect(checked.stdout).toContain('A message of class light: portal');
  });
});
