import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import { importCertificates } from '#platform/keyring';
import {
  askForPass,
  type Connection,
  confirmRun,
  listConnections,
  listRuns,
  readRun,
  removeConnection,
  saveConnection,
} from './connections.ts';
import type { RunRow } from './run.store.ts';
import { connectionShape } from './settings.ts';
import type { SyncPorts } from './sync.ts';

const TAGS = ['provisioning'];
const READ = { permission: 'sign-in:read' } as const;
const WRITE = { permission: 'sign-in:write' } as const;
const PATH = '/v1/provisioning/connections';

const time = z.iso.datetime();
const count = z.int().optional();
const runSchema = z
  .strictObject({
    id: z.uuid(),
    startedAt: time,
    endedAt: time.nullable(),
    state: z.enum(['running', 'planned', 'stopped', 'failed', 'finished']),
    reason: z.string().nullable().describe('A code: why it stopped or failed, or what was refused'),
    counts: z.strictObject({
      ...{ people: count, add: count, change: count, end: count, same: count, kept: count },
      ...{ unusable: count, groups: count, refused: count },
    }),
    done: z.int(),
    total: z.int(),
    confirmedAt: time.nullable(),
  })
  .meta({ id: 'ProvisioningRun' });

const ruleShape = {
  enabled: z.boolean(),
  everyMinutes: z.int().min(1).max(1_440),
  guardPercent: z
    .int()
    .min(0)
    .max(100)
    .describe('A pass that would end more than this share waits for somebody'),
  guardLeast: z.int().min(0).max(100_000).describe('… and more than this many'),
};

const connectionSchema = z
  .strictObject({
    id: z.uuid(),
    ...connectionShape,
    ...ruleShape,
    hasPassword: z.boolean(),
    hasCertificate: z.boolean(),
    changedAt: time,
    dueAt: time.nullable(),
    running: z.boolean(),
    last: runSchema.nullable(),
  })
  .meta({ id: 'ProvisioningConnection' });

const inputSchema = z
  .strictObject({
    ...connectionShape,
    ...ruleShape,
    everyMinutes: ruleShape.everyMinutes.default(15),
    guardPercent: ruleShape.guardPercent.default(10),
    guardLeast: ruleShape.guardLeast.default(5),
    password: z.string().min(1).max(1_000).nullable().optional().describe('Left out: the one before'),
    certificate: z.string().max(100_000).nullable().optional().describe('PEM of a client certificate'),
    key: z.string().max(100_000).nullable().optional().describe('PEM of its key; comes with it'),
  })
  .meta({ id: 'ProvisioningConnectionSettings' });

const runView = (run: RunRow): z.output<typeof runSchema> => ({
  ...{ id: run.id, state: run.state, reason: run.reason, counts: { ...run.counts } },
  ...{ done: run.done, total: run.total, startedAt: run.started_at.toISOString() },
  endedAt: run.ended_at?.toISOString() ?? null,
  confirmedAt: run.confirmed_at?.toISOString() ?? null,
});

const view = ({
  settings,
  rule,
  last,
  changedAt,
  dueAt,
  ...rest
}: Connection): z.output<typeof connectionSchema> => ({
  ...rest,
  ...settings,
  ...rule,
  changedAt: changedAt.toISOString(),
  dueAt: dueAt?.toISOString() ?? null,
  last: last === null ? null : runView(last),
});

type Ports = Omit<SyncPorts, 'network' | 'read'>;

/** Outside directories that are read by LDAP. */
export function connectionRoutes(ports: Ports): Route[] {
  return [...settingRoutes(ports), ...runRoutes(ports)];
}

function save(ports: Ports, caller: Caller, id: string | null, body: z.output<typeof inputSchema>) {
  const { enabled, everyMinutes, guardPercent, guardLeast, password, certificate, key, ...settings } = body;
  if (settings.authorities.trim() !== '') {
    const read = importCertificates(settings.authorities);
    if (read.kind === 'problem') throw new Refusal('invalid', { path: 'authorities', reason: read.problem });
  }
  if ((typeof certificate === 'string') !== (typeof key === 'string'))
    throw new Refusal('invalid', { path: 'certificate', reason: 'certificate-and-key' });
  const identity =
    typeof certificate === 'string' && typeof key === 'string' ? { certificate, key } : certificate;
  return saveConnection(ports, caller, id, {
    settings,
    secrets: { password, identity: typeof identity === 'object' ? identity : undefined },
    rule: { enabled, everyMinutes, guardPercent, guardLeast },
  });
}

function settingRoutes(ports: Ports): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: PATH,
      summary: 'Directories that staff and groups are read from by LDAP',
      tags: TAGS,
      access: READ,
      responses: { 200: z.strictObject({ items: z.array(connectionSchema) }) },
    }).handle(async ({ caller }) => {
      const items = await listConnections(ports, caller);
      return { status: 200, body: { items: items.map(view) } };
    }),
    defineRoute({
      method: 'POST',
      path: PATH,
      summary: 'Add a directory',
      description: 'Always protected and verified. Secrets are sealed at once and cannot be read out again.',
      tags: TAGS,
      access: WRITE,
      stepUp: true,
      fourEyes: 'single-sign-on',
      body: inputSchema,
      responses: { 201: connectionSchema },
      errors: ['invalid', 'limit-reached'],
    }).handle(async ({ caller, body }) => ({
      status: 201,
      body: view(await save(ports, caller, null, body)),
    })),
    defineRoute({
      method: 'PUT',
      path: `${PATH}/:id`,
      summary: 'Change a directory’s settings',
      description: 'A password must be given again where the server or the name changes.',
      tags: TAGS,
      access: WRITE,
      stepUp: true,
      fourEyes: 'single-sign-on',
      params: idParams,
      body: inputSchema,
      responses: { 200: connectionSchema },
      errors: ['not-found', 'invalid'],
    }).handle(async ({ caller, params, body }) => ({
      status: 200,
      body: view(await save(ports, caller, params.id, body)),
    })),
    defineRoute({
      method: 'DELETE',
      path: `${PATH}/:id`,
      summary: 'Forget a directory: its people stay, its groups go with the roles that they gave',
      tags: TAGS,
      access: WRITE,
      stepUp: true,
      fourEyes: 'single-sign-on',
      params: idParams,
      responses: { 204: empty },
      errors: ['not-found'],
    }).handle(async ({ caller, params }) => {
      await removeConnection(ports, caller, params.id);
      return { status: 204 };
    }),
  ];
}

function runRoutes(ports: Ports): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/provisioning/sync-now',
      summary: 'Read every directory now: for a program that knows of a change',
      description: 'A pass begins within seconds. With an API key that holds `provisioning:sync`.',
      tags: TAGS,
      access: { permission: 'provisioning:sync' },
      body: z.strictObject({}),
      responses: { 202: z.strictObject({ connections: z.int() }) },
    }).handle(async ({ caller }) => ({
      status: 202,
      body: { connections: await askForPass(ports, caller, null, false) },
    })),
    defineRoute({
      method: 'POST',
      path: `${PATH}/:id/pass`,
      summary: 'Read a directory now, or only say what that would do',
      tags: TAGS,
      access: WRITE,
      params: idParams,
      body: z.strictObject({ dry: z.boolean() }),
      responses: { 202: z.strictObject({ connections: z.int() }) },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, params, body }) => ({
      status: 202,
      body: { connections: await askForPass(ports, caller, params.id, body.dry) },
    })),
    defineRoute({
      method: 'GET',
      path: `${PATH}/:id/runs`,
      summary: 'The last passes over a directory',
      tags: TAGS,
      access: READ,
      params: idParams,
      responses: { 200: z.strictObject({ items: z.array(runSchema) }) },
      errors: ['not-found'],
    }).handle(async ({ caller, params }) => {
      const items = await listRuns(ports, caller, params.id);
      return { status: 200, body: { items: items.map(runView) } };
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/provisioning/runs/:id',
      summary: 'What a pass would do, or did, person by person',
      tags: TAGS,
      access: READ,
      params: idParams,
      responses: {
        200: z.strictObject({
          run: runSchema,
          lines: z.array(
            z.strictObject({ kind: z.enum(['add', 'change', 'disable', 'end']), address: z.string() }),
          ),
        }),
      },
      errors: ['not-found'],
    }).handle(async ({ caller, params }) => {
      const { run, lines } = await readRun(ports, caller, params.id);
      return { status: 200, body: { run: runView(run), lines: [...lines] } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/provisioning/runs/:id/confirm',
      summary: 'Say that a pass which stopped is right: the next one may end these people',
      tags: TAGS,
      access: WRITE,
      stepUp: true,
      params: idParams,
      body: z.strictObject({}),
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, params }) => {
      await confirmRun(ports, caller, params.id);
      return { status: 204 };
    }),
  ];
}
