import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { type RunningSystem, runSystem } from './run-system.ts';

let home: string;
let fresh: FreshDatabase;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-health-'));
  fresh = await freshDatabase();
});
afterAll(async () => {
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

const ANY_PORTS = {
  SEALPOST_HTTP_PORT: '0',
  SEALPOST_PORTAL_PORT: '0',
  SEALPOST_SUBMISSION_PORT: '0',
  SEALPOST_SUBMISSIONS_PORT: '0',
};

async function running(
  settings: Readonly<Record<string, string>>,
  look: (system: RunningSystem, get: (path: string) => Promise<Response>) => Promise<void>,
): Promise<void> {
  const all = { SEALPOST_HOME: home, DATABASE_URL: fresh.url, ...ANY_PORTS, ...settings };
  const system = await runSystem(loadConfig({}, all), silentLogger);
  try {
    await look(system, (path) => fetch(`http://127.0.0.1:${system.servers.ports.health}${path}`));
  } finally {
    await system.stop(1_000);
  }
}

describe('health of a process', () => {
  it.each(['worker', 'smtp', 'smtp,worker'])('with the roles %s has a listener of its own', async (roles) => {
    await running({ SEALPOST_ROLES: roles, SEALPOST_HEALTH_PORT: '0' }, async ({ servers }, get) => {
      expect(servers.ports.http).toBeNull();
      expect((await get('/health/live')).status).toBe(200);
      const ready = await get('/health/ready');
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ok', checks: { database: true, storage: true } },
      ]);
      expect(await (await get('/metrics')).text()).toMatch(/^sealpost_disk_reserve_ok 1$/m);
      for (const path of ['/', '/v1/messages', '/v1/openapi.json'])
        expect((await get(path)).status).toBe(404);
    });
  });

  it('has none beside the API', async () => {
    await running({ SEALPOST_HEALTH_PORT: '0' }, async ({ servers }) => {
      expect(servers.ports.health).toBeNull();
    });
  });

  it('is not ready below the disk reserve, and lives', async () => {
    const settings = {
      SEALPOST_ROLES: 'worker',
      SEALPOST_HEALTH_PORT: '0',
      SEALPOST_DISK_RESERVE_MB: '9000000',
    };
    await running(settings, async (_system, get) => {
      const ready = await get('/health/ready');
      expect([ready.status, await ready.json()]).toEqual([
        503,
        { status: 'not-ready', checks: { database: true, storage: false } },
      ]);
      expect((await get('/health/live')).status).toBe(200);
    });
  });

  it('says which setting to change when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const taken = other.address();
    const port = String(typeof taken === 'object' ? taken?.port : '');
    const starting = running({ SEALPOST_ROLES: 'worker', SEALPOST_HEALTH_PORT: port }, async () => undefined);
    await expect(starting).rejects.toThrow('SEALPOST_HEALTH_PORT');
    await new Promise((resolve) => other.close(resolve));
  });

  it('takes the usual port, or another where nobody asked for it and it is taken', async () => {
    await running({ SEALPOST_ROLES: 'worker' }, async (one) => {
      await running({ SEALPOST_ROLES: 'smtp' }, async (two, get) => {
        expect(two.servers.ports.health).not.toBe(one.servers.ports.health);
        expect((await get('/health/live')).status).toBe(200);
      });
    });
  });
});
