import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { auditReferenceBinding } from '#core/audit-reference';
import { verifierText } from '#platform/audit';
import { newId } from '#platform/runtime';
import { connectOwner } from '../../platform/database/owner-connection.ts';
import { auditRoutes } from './audit-routes.ts';
import { type ComplianceStage, openComplianceStage, routeOf } from './test-kit.ts';
import { verifyExport } from './verify-export.ts';

const ANNA = 'anna.canary@good-tls.test';
let stage: ComplianceStage;

beforeAll(async () => {
  stage = await openComplianceStage();
  const subjects = [{ kind: 'message', id: newId() }];
  const sealedReference = await stage.vault.sealValue(
    'record',
    auditReferenceBinding(stage.organisation, subjects),
    JSON.stringify({ sender: 'staff@clinic.test', recipients: [ANNA] }),
  );
  await stage.write(
    ...Array.from({ length: 900 }, () => stage.entry()),
    stage.entry({ action: 'message.accepted', subjects, sealedReference }),
    ...Array.from({ length: 300 }, () => stage.entry({ details: { said: 'a,"b"=c|d' } })),
  );
  await stage.settle();
});
afterAll(() => stage.close());

const ask = (name: string, query: Record<string, string>, as = stage.caller) =>
  stage.call(routeOf(auditRoutes(stage.ports), name), { query }, as);
async function file(query: Record<string, string>, as = stage.caller): Promise<string> {
  const { body } = await ask('GET /v1/audit/export', query, as);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
const manifestOf = async (query: Record<string, string>) =>
  JSON.stringify((await ask('GET /v1/audit/export/manifest', query)).body);
async function* linesOf(text: string): AsyncGenerator<string> {
  await Promise.resolve();
  yield* text.split(/\r?\n/);
}
const trusted = async () => [verifierText(await stage.signer(stage.organisation))];

describe('an exported range', () => {
  it.each(['csv', 'ocsf', 'cef'])(
    'as %s is what the log holds, checked with nothing but file, manifest and key',
    async (format) => {
      const range = { from: '100', to: '1100' };
      const text = await file({ format, ...range });
      const manifest = await manifestOf(range);
      expect(await verifyExport(linesOf(text), manifest, await trusted())).toEqual({
        ...{ kind: 'holds', entries: 1000, anchored: true },
      });
      const changed = text
        .replace('message.accepted', 'message.rejected')
        .replaceAll('message.accepted', 'message.rejected');
      expect(await verifyExport(linesOf(changed), manifest, [])).toMatchObject({
        kind: 'fails',
        reason: 'root',
      });
      const cut = text.split('\n').toSpliced(500, 1).join('\n');
      expect(await verifyExport(linesOf(cut), manifest, [])).toMatchObject({
        kind: 'fails',
        reason: 'count',
      });
    },
  );

  it('is not vouched for by another key', async () => {
    const text = await file({ from: '0', to: '10' });
    const { freshSigner } = await import('../../../prove/support/audit-log.ts');
    const other = verifierText(freshSigner(stage.organisation));
    expect(
      await verifyExport(linesOf(text), await manifestOf({ from: '0', to: '10' }), [other]),
    ).toMatchObject({
      ...{ kind: 'fails', reason: 'checkpoint' },
    });
  });

  it('goes on where it was cut off', async () => {
    const whole = await file({ format: 'ocsf', from: '0', to: '1000' });
    const [first, second] = [
      await file({ format: 'ocsf', from: '0', to: '640' }),
      await file({ format: 'ocsf', from: '640', to: '1000' }),
    ];
    expect(first + second).toBe(whole);
  });

  it('is on record before the first line, and with its count at the end', async () => {
    await file({ format: 'cef', from: '5', to: '25' });
    const [begun] = await stage.logged('audit.exported');
    expect(begun?.details).toEqual({ format: 'cef', resolved: false, from: 5, to: 25 });
    const [ended] = await stage.logged('audit.export-ended');
    expect(ended?.details).toEqual({ lines: 20, whole: true });
  });
});

describe('addresses', () => {
  it('stay sealed, unless somebody who may resolve asks for them', async () => {
    const range = { from: '895', to: '905' };
    expect(await file({ format: 'ocsf', ...range })).not.toContain('canary');
    expect(await file({ format: 'ocsf', ...range, resolve: 'true' })).toContain(ANNA);
    const [entry] = await stage.logged('audit.exported');
    expect(entry?.details).toMatchObject({ resolved: true });
    const exporter = stage.another(['audit:read', 'audit:export']);
    await expect(file({ ...range, resolve: 'true' }, exporter)).rejects.toMatchObject({
      code: 'not-permitted',
    });
    expect(await file(range, exporter)).not.toContain('canary');
  });
});

describe('what a search finds', () => {
  it('is exported by its opaque text', async () => {
    const body = { wanted: { actions: ['message.accepted'] } };
    const answer = await stage.call(routeOf(auditRoutes(stage.ports), 'POST /v1/audit/search'), { body });
    const { query } = z.object({ query: z.string() }).parse(answer.body);
    expect((await file({ format: 'csv', query })).split('\r\n')).toHaveLength(3);
  });
});

it('an entry whose bytes were changed in the database fails its file', async () => {
  const sql = await connectOwner(stage.fresh.superuserUrl);
  await sql.query(
    `update sealpost.audit_entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '"done"', '"failed"'), 'UTF8')
     where id = (select entry from sealpost.audit_order where organisation = $1 and position = 40)`,
    [stage.organisation],
  );
  await sql.close();
  const range = { from: '0', to: '100' };
  expect(await verifyExport(linesOf(await file(range)), await manifestOf(range), [])).toMatchObject({
    reason: 'root',
  });
});
