import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { auditRoutes } from '../audit-routes.ts';
import { type ComplianceStage, openComplianceStage, routeOf } from '../test-kit.ts';

const INCIDENT = '0193a0c0-77aa-7000-8000-000000000042';
let stage: ComplianceStage;
beforeAll(async () => {
  stage = await openComplianceStage({ incident: INCIDENT });
});
afterAll(() => stage.close());

const call = async (name: string, asked: object = {}) =>
  (await stage.call(routeOf(auditRoutes(stage.ports), name), asked)).body;
const report = Buffer.concat([randomBytes(200_000), Buffer.from('canary-report')]);
async function* stream(): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield report.subarray(0, 100_000);
  yield report.subarray(100_000);
}
async function gathered(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

it('a report is filed, sealed on the disk, its hash in the log, and comes back whole', async () => {
  const body = {
    source: 'Firewall canary',
    note: 'x',
    fileName: 'fw.log',
    periodFrom: '2026-10-01',
    periodUntil: '2026-10-31',
  };
  const params = z.object({ id: z.string() }).parse(await call('POST /v1/audit-evidence', { body }));
  const put = await call('PUT /v1/audit-evidence/:id/file', { params, body: stream() });
  const sha256 = createHash('sha256').update(report).digest('hex');
  expect(put).toMatchObject({
    source: 'Firewall canary',
    periodFrom: '2026-10-01',
    size: report.length,
    sha256,
  });
  expect((await stage.logged('audit.evidence-uploaded'))[0]?.details).toEqual({
    size: report.length,
    sha256,
  });
  const again = call('PUT /v1/audit-evidence/:id/file', { params, body: stream() });
  await expect(again).rejects.toMatchObject({ code: 'wrong-state' });
  const content = await call('GET /v1/audit-evidence/:id/file', { params });
  expect((await gathered(content as AsyncIterable<Uint8Array>)).equals(report)).toBe(true);
  expect(await stage.logged('audit.evidence-read')).toHaveLength(1);
  const directory = join(stage.home, 'blobs');
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const one of files)
    expect(readFileSync(join(one.parentPath, one.name)).includes('canary')).toBe(false);
  const listed = z
    .object({ items: z.array(z.object({ note: z.string() })) })
    .parse(await call('GET /v1/audit-evidence', { query: { limit: '5' } }));
  expect(listed.items).toEqual([{ note: 'x' }]);
});

it('a report says which incident it tells more of, and is found by it; no unknown one is taken', async () => {
  const body = {
    ...{ source: 'Intrusion detection', note: '', fileName: 'ids.json' },
    ...{ periodFrom: '2026-10-01', periodUntil: '2026-10-02' },
  };
  const filed = z
    .object({ id: z.string() })
    .parse(await call('POST /v1/audit-evidence', { body: { ...body, incident: INCIDENT } }));
  const unknown = { ...body, incident: '0193a0c0-77aa-7000-8000-000000000043' };
  await expect(call('POST /v1/audit-evidence', { body: unknown })).rejects.toMatchObject({
    ...{ code: 'invalid', parameters: { path: 'incident' } },
  });
  const found = await call('GET /v1/audit-evidence', { query: { incident: INCIDENT } });
  expect(found).toMatchObject({ items: [{ id: filed.id, incident: INCIDENT, size: null }] });
  expect((await stage.logged('audit.evidence-filed'))[0]?.subjects).toEqual([
    { kind: 'audit-evidence', id: filed.id },
    { kind: 'incident', id: INCIDENT },
  ]);
});
