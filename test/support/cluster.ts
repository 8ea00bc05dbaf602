import { existsSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/platform/database/embedded-launcher.ts';
import { migrate } from '../../src/platform/database/migrate.ts';
import { connectOwner } from '../../src/platform/database/owner-connection.ts';
import { livingOwner } from '../../src/platform/database/owner-lock.ts';
import { endPostmaster, findPostmaster } from '../../src/platform/database/postmaster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser address of the test cluster, database `postgres`. */
    clusterUrl: string;
    /** Name of the migrated database that fresh ones are copied from. */
    templateDatabase: string;
  }
}

const PREFIX = 'sealpost-cluster-';
const MEMORY = '/dev/shm';
const TEMPLATE = 'sealpost_template';

/** One temporary cluster for the whole run; gone at its end, and what killed runs left is swept at the next start. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const root = await mkdtemp(join(base(), PREFIX));
  const home = { root, data: join(root, 'data'), run: join(root, 'run') };
  const server = await startEmbedded({ home, volatile: true });
  const end = async (): Promise<void> => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  };
  try {
    const admin = await connectOwner(server.adminUrl);
    await admin.script(`create database ${TEMPLATE} owner sealpost_owner`);
    await admin.close();
    await migrate({ url: withDatabase(server.url, TEMPLATE) });
  } catch (error) {
    await end();
    throw error;
  }
  project.provide('clusterUrl', server.adminUrl);
  project.provide('templateDatabase', TEMPLATE);
  return end;
}

/** The same server and user, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/**
 * In memory where the system has room for it: a fresh database is 400 files, which take 30 ms there and up to a second
 * on some disks.
 */
function base(): string {
  if (!existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > 2 * 1024 ** 3 ? MEMORY : tmpdir();
}

async function sweep(): Promise<void> {
  const own = process.getuid?.();
  for (const name of readdirSync(base()).filter((entry) => entry.startsWith(PREFIX))) {
    const root = join(base(), name);
    const young = Date.now() - statSync(root).mtimeMs < 60_000; // a run that is just starting has no owner file yet
    if (statSync(root).uid !== own || young || livingOwner(join(root, 'run')) !== undefined) continue;
    const left = findPostmaster(join(root, 'data', 'postgresql'));
    if (left !== undefined) await endPostmaster(left);
    rmSync(root, { recursive: true, force: true });
  }
}
