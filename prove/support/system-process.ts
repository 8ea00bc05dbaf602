// The production composition in a process of its own, for proofs and benchmarks: the parent gives it a home and the
// peers that it may reach, and kills it when it likes. At a named point it can also kill itself.
import { PERMISSIONS } from '#core/actor';
import type { DeliveryId, OrganisationId } from '#core/ids';
import type { Point } from '#journey/conveyor';
import { allOrganisationIds } from '#platform/access';
import { createLogger, loadConfig, newId } from '#platform/runtime';
import { openSystem, type SystemParts } from '../../src/system/open-system.ts';
import { prepareOrganisation } from '../../src/system/prepare-organisation.ts';
import { openServers } from '../../src/system/serve.ts';
import { networkOf } from './peer-table.ts';
import { SendingFile } from './sending-file.ts';
import type { SystemReady, SystemSpec } from './system-spec.ts';

/** Where a run may be ended: the conveyor's points, and the moment after an accepting commit, before its 250 or 202. */
export type KillPoint = Point | 'after-commit';

const ORIGIN = { origin: { address: null, channel: 'cli' }, request: 'proof' } as const;
const SYSTEM = { kind: 'system', component: 'proof' } as const;

/** The first start makes an organisation for `clinic.test` and a key that may do everything. */
async function prepare(parts: SystemParts): Promise<{ organisation: OrganisationId; secret: string | null }> {
  const { database, keyring, access } = parts.foundation;
  const [known] = await database.system('worker', allOrganisationIds);
  if (known !== undefined) return { organisation: known, secret: null };
  const id = newId() as OrganisationId;
  const secret = await database.tenant([id], 'app', async (tx) => {
    await access.organisations.create(tx, {
      id,
      name: 'Proving Clinic',
      slug: 'clinic',
      domain: 'clinic.test',
    });
    await prepareOrganisation(
      { keyring, policies: parts.policies, ownKeys: parts.pgp.ownKeys },
      tx,
      id,
      'clinic.test',
      SYSTEM,
    );
    const key = { label: 'proof', permissions: PERMISSIONS, networks: [], expiresAt: null };
    return (await access.apiKeys.issue(tx, id, key, SYSTEM, ORIGIN)).secret;
  });
  return { organisation: id, secret };
}

async function run(spec: SystemSpec): Promise<void> {
  const config = loadConfig(
    {},
    {
      SEALPOST_HOME: spec.home,
      SEALPOST_HTTP_PORT: '0',
      SEALPOST_PORTAL_PORT: '0',
      SEALPOST_SUBMISSION_PORT: '0',
      SEALPOST_SUBMISSIONS_PORT: '0',
      ...spec.settings,
    },
  );
  let left = spec.killAt?.nth ?? 0;
  const sending = spec.sendingFile === undefined ? null : new SendingFile(spec.sendingFile);
  const reach = (point: KillPoint, delivery?: DeliveryId): void => {
    if (delivery !== undefined) sending?.note(point, delivery);
    if (spec.killAt?.point !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
  const parts = await openSystem(config, createLogger({ level: spec.logLevel ?? 'error' }), {
    reach,
    network: networkOf(spec.peers),
    ...(spec.limits === undefined ? {} : { limits: spec.limits }),
  });
  // Called after each commit that queued something, before its caller is answered.
  parts.foundation.record.onDue(() => reach('after-commit'));
  const { organisation, secret } = await prepare(parts);
  const servers = await openServers(parts);
  if (config.roles.includes('worker')) parts.startWorker();
  const stop = async (): Promise<void> => {
    await servers.close(5_000);
    await parts.close(5_000);
    process.disconnect();
  };
  // A parent that died takes us along.
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message) => {
    if (message === 'stop') {
      process.removeAllListeners('disconnect');
      void stop();
    }
  });
  const ready: SystemReady = {
    ports: servers.ports,
    organisation,
    secret,
    databaseUrl: parts.foundation.embedded?.url ?? config.database.url ?? '',
    adminUrl: parts.foundation.embedded?.adminUrl ?? null,
    postmaster: parts.foundation.embedded?.pid() ?? null,
  };
  process.send?.(ready);
}

process.once('message', (spec: SystemSpec) => {
  run(spec).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
