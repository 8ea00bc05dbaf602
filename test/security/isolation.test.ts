import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isolationConfig } from '../../prove/support/isolation-config.ts';
import { type IsolationReport, proveIsolation } from '../../prove/support/isolation-run.ts';
import { unknownRoutes } from '../../prove/support/isolation-walk.ts';

// A fifth of the walk of `npm run prove -- isolation`, over all routes.
describe('two organisations in one installation', () => {
  let home = '';
  let report: IsolationReport;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sealpost-isolation-'));
    report = await proveIsolation(isolationConfig(home), 5);
  }, 240_000);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('tell each other nothing, on any route and any page, with any credential', () => {
    expect(report.leaks).toEqual([]);
    expect(report.attempts).toBeGreaterThan(1_000);
  });

  it('would be seen telling: the walk finds what a tenant reads of its own', () => {
    expect(report.control).toBeGreaterThan(10);
  });
});

it('a route without an entry in the tables is a finding', () => {
  const nowhere = { apiUrl: '', portalUrl: '', apiRoutes: [], portalRoutes: [] };
  expect(unknownRoutes(nowhere)).toContain('GET /v1/messages/:id is no route');
});
