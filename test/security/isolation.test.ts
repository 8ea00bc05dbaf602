import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isolationConfig } from '../../prove/support/isolation-config.ts';
import { type IsolationReport, proveIsolation } from '../../prove/support/isolation-run.ts';
import { unknownRoutes } from '../../prove/support/isolation-walk.ts';

// A tenth of the walk of `npm run prove -- isolation`, over all routes, and on each with the id of the thing that it is about.
describe('two organisations in one installation', () => {
  let home = '';
  let report: IsolationReport;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sealpost-isolation-'));
    report = await proveIsolation(isolationConfig(home), 10);
  }, 240_000);
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('tell each other nothing, on any route and any page, with any credential', () => {
    expect(report.leaks).toEqual([]);
    expect(report.attempts).toBeGreaterThan(1_000);
  });

  it('have one of everything that a route can name by id, but for these', () => {
    expect(report.unreal).toEqual([
      // A letter is due hours after a notice has failed.
      'POST /v1/paper-letters/:id/written',
      // The ids of its mails are tried, but are no ids of things.
      'GET /v1/sandbox/mailboxes/:address/messages/:id',
      // What a recipient wrote, and a password that was left for one in the portal.
      'GET /written/:id',
      'GET /pdf-passwords/:id',
    ]);
    expect(report.real.length).toBeGreaterThan(100);
  });

  it('would be seen telling: the walk finds what a tenant reads of its own', () => {
    expect(report.control).toBeGreaterThan(10);
  });
});

it('a route without an entry in the tables is a finding', () => {
  const nowhere = { apiUrl: '', portalUrl: '', apiRoutes: [], portalRoutes: [] };
  expect(unknownRoutes(nowhere)).toContain('GET /v1/messages/:id is no route');
});
