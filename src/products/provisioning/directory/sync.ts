import type { Caller } from '#core/actor';
import { addressText } from '#core/address';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { NetworkProfile } from '#core/network';
import type { Access, DirectoryHand, ProvisionedPerson } from '#platform/access';
import type { Audit } from '#platform/audit';
import type { Database, Transaction } from '#platform/database';
import { type Clock, newId } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { type ConnectionRow, dueConnections, holdConnection, keepHold } from './connection.store.ts';
import { type Agreed, type Plan, planPass, type Step, stopReason } from './plan.ts';
import { type DirectoryPicture, failureCode, readDirectory } from './read-directory.ts';
import { insertRun, type RunCounts, type RunRow, selectRuns, sweepRuns, updateRun } from './run.store.ts';
import { type SealedSettings, sealedSettings } from './settings.ts';

export interface SyncPorts {
  readonly database: Database;
  readonly vault: Pick<Vault, 'sealValue' | 'openValue'>;
  readonly audit: Pick<Audit, 'append'>;
  readonly clock: Clock;
  readonly people: Access['provisioned'];
  readonly groups: Access['provisionedGroups'];
  network(): Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'>;
  readonly read?: typeof readDirectory;
}

/** How long a process may say nothing before another takes its pass over. */
const HOLD_MS = 15 * 60_000;
const KEEP_RUNS_MS = 30 * 24 * 3_600_000;
/** How long somebody's word on a plan holds. */
const CONFIRMED_MS = 24 * 3_600_000;
const CHUNK = 1_000;
const REPORT_EVERY = 25;
/** Lines of each kind that a plan shows. */
const MOST_SHOWN = 500;

export const settingsBinding = (organisation: OrganisationId, row: string) => ({
  ...{ organisation, field: 'provisioning-connection.settings', row },
});
export const planBinding = (organisation: OrganisationId, row: string) => ({
  ...{ organisation, field: 'provisioning-run.plan', row },
});
export const sourceOf = (connection: string) => `ldap:${connection}`;

/** Lines of a plan as people read it: with addresses, therefore sealed where it is kept. */
export interface PlanLine {
  readonly kind: Step['kind'];
  readonly address: string;
}

interface Pass {
  readonly organisation: OrganisationId;
  readonly connection: ConnectionRow & { readonly dry: boolean };
  readonly run: string;
  readonly hand: DirectoryHand;
  readonly before: RunRow | undefined;
  readonly agreed: Agreed | null;
}

/**
 * Carries out what is due: reads each directory as a whole, plans, and does it person by person, each in a transaction of its
 * own. A pass that breaks off is made again from where the directory stands then: what was done is no difference any more.
 */
export async function syncDue(ports: SyncPorts): Promise<number> {
  const due = await ports.database.system('app', (tx) => dueConnections(tx, ports.clock.now()));
  for (const { organisation, connection } of due) await syncOne(ports, organisation, connection);
  return due.length;
}

async function syncOne(ports: SyncPorts, organisation: OrganisationId, id: string): Promise<void> {
  const { clock, database } = ports;
  const run = newId(clock);
  const pass = await database.tenant([organisation], 'app', async (tx): Promise<Pass | undefined> => {
    const now = clock.now();
    const until = new Date(now.getTime() + HOLD_MS);
    const connection = await holdConnection(tx, organisation, id, now, until);
    if (connection === undefined) return undefined;
    const earlier = await selectRuns(tx, organisation, id, 20);
    await insertRun(tx, organisation, { id: run, connection: id, at: now });
    await sweepRuns(tx, organisation, id, new Date(now.getTime() - KEEP_RUNS_MS));
    const since = now.getTime() - CONFIRMED_MS;
    // A word holds until it was followed.
    const last = earlier.find(({ state, confirmed_at }) => state === 'finished' || confirmed_at !== null);
    const agreed = last !== undefined && (last.confirmed_at?.getTime() ?? 0) > since ? last : null;
    return {
      ...{ organisation, connection, run, before: earlier.find((one) => one.state !== 'planned') },
      hand: {
        ...{ organisation, source: sourceOf(id), actor: { kind: 'system', component: 'provisioning' } },
        from: { origin: { address: null, channel: 'worker' }, request: null },
      },
      agreed: agreed === null ? null : { reason: agreed.reason, ending: new Set(agreed.ending) },
    };
  });
  if (pass === undefined) return;
  try {
    await carryOut(ports, pass);
  } catch (error) {
    const code = failureCode(error);
    await close(ports, pass, { state: 'failed', reason: code ?? 'fault' });
    if (code === null) throw error;
  }
}

async function carryOut(ports: SyncPorts, pass: Pass): Promise<void> {
  const { organisation, connection, run, hand } = pass;
  const { database, vault } = ports;
  const sealed = await vault.openValue(settingsBinding(organisation, connection.id), connection.settings);
  const settings: SealedSettings = sealedSettings.parse(JSON.parse(sealed.toString('utf8')));
  const picture = await (ports.read ?? readDirectory)(settings, ports.network());
  const here = await everybody(ports, organisation);
  const plan = planPass(hand.source, picture, here);
  const counts = countsOf(plan, picture);
  const lines = JSON.stringify(linesOf(plan));
  const shown = await vault.sealValue('identity', planBinding(organisation, run), lines);
  const guard = { percent: connection.guard_percent, least: connection.guard_least };
  const groupsHere = await database.tenant([organisation], 'app', async (tx) => {
    await updateRun(tx, organisation, run, {
      ...{ counts, ending: [...plan.ending], plan: shown, total: plan.steps.length },
    });
    return (await ports.groups.list(tx, hand, false)).length;
  });
  const reason = stopReason(plan, picture, guard, pass.agreed, groupsHere);
  if (connection.dry) return close(ports, pass, { state: 'planned', ...(reason === null ? {} : { reason }) });
  if (reason !== null) return close(ports, pass, { state: 'stopped', reason });
  const refused = await takeSteps(ports, pass, plan.steps);
  const grouped = await takeGroups(ports, pass, picture);
  await close(ports, pass, {
    ...{ state: 'finished', counts: { ...counts, refused: refused.size + grouped.refused } },
    ...(refused.size + grouped.refused === 0 ? {} : { reason: [...refused.values()][0] ?? 'group-refused' }),
    changed: plan.steps.length + grouped.changed,
  });
}

async function everybody({ database, people }: SyncPorts, organisation: OrganisationId) {
  const found: ProvisionedPerson[] = [];
  for (;;) {
    const skip = found.length;
    const chunk = await database.tenant([organisation], 'app', (tx) =>
      people.page(tx, organisation, skip, CHUNK),
    );
    found.push(...chunk);
    if (chunk.length < CHUNK) return found;
  }
}

/** Which steps were refused, and why: codes. */
async function takeSteps(
  ports: SyncPorts,
  pass: Pass,
  steps: readonly Step[],
): Promise<ReadonlyMap<Step, string>> {
  const refused = new Map<Step, string>();
  // Who loses access comes first: the rest of a long pass can wait.
  const ordered = steps.toSorted((a, b) => rank(a) - rank(b));
  for (const [at, step] of ordered.entries()) {
    const { organisation, hand } = pass;
    try {
      await ports.database.tenant([organisation], 'app', (tx) => takeStep(ports, tx, hand, step));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused.set(step, String(error.parameters.reason ?? error.code));
    }
    if ((at + 1) % REPORT_EVERY === 0) await report(ports, pass, at + 1);
  }
  await report(ports, pass, steps.length);
  return refused;
}

const rank = ({ kind }: Step) => (kind === 'end' || kind === 'disable' ? 0 : 1);

async function takeStep(
  { people }: SyncPorts,
  tx: Transaction,
  hand: DirectoryHand,
  step: Step,
): Promise<void> {
  if (step.kind === 'add') await people.add(tx, hand, step.record);
  else if (step.kind === 'end') await people.end(tx, hand, step.id, 'left-directory');
  else await people.change(tx, hand, step.id, step.record);
}

/** Progress, and the sign that this process still lives. A process that lost its hold stops. */
async function report({ database, clock }: SyncPorts, pass: Pass, done: number): Promise<void> {
  const { organisation, connection, run } = pass;
  const held = connection.held_until;
  if (held === null) return;
  if (clock.now().getTime() > held.getTime()) throw new Error('a pass took longer than it was held for');
  await database.tenant([organisation], 'app', (tx) => updateRun(tx, organisation, run, { done }));
}

async function takeGroups(
  ports: SyncPorts,
  { organisation, hand }: Pass,
  { groups }: DirectoryPicture,
): Promise<{ readonly changed: number; readonly refused: number }> {
  let [changed, refused] = [0, 0];
  if (groups === null) return { changed, refused };
  const people = await everybody(ports, organisation);
  const ids = new Map<string | null, IdentityId>(
    people.flatMap(({ id, source, record }) =>
      source === hand.source ? [[record.externalId, id] as const] : [],
    ),
  );
  const within = <Result>(work: (tx: Transaction) => Promise<Result>) =>
    ports.database.tenant([organisation], 'app', work);
  const here = await within((tx) => ports.groups.list(tx, hand, false));
  const known = new Map(here.map((group) => [group.externalId, group.id]));
  const said = new Set<string | null>(groups.map(({ externalId }) => externalId));
  const attempt = async (work: (tx: Transaction) => Promise<unknown>): Promise<void> => {
    try {
      if ((await within(work)) !== false) changed += 1;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused += 1;
    }
  };
  for (const group of groups) {
    const members = group.members.map((one) => ids.get(one)).filter((one) => one !== undefined);
    const record = { name: group.name, externalId: group.externalId, members };
    const id = known.get(group.externalId);
    await attempt((tx) =>
      id === undefined ? ports.groups.add(tx, hand, record) : ports.groups.change(tx, hand, id, record),
    );
  }
  for (const group of here) {
    if (!said.has(group.externalId)) await attempt((tx) => ports.groups.remove(tx, hand, group.id));
  }
  return { changed, refused };
}

/** Writes how a pass ended. On record stands what changed something, and the first of equal failures. */
async function close(
  { database, audit, clock }: SyncPorts,
  pass: Pass,
  end: {
    readonly state: 'planned' | 'stopped' | 'failed' | 'finished';
    readonly reason?: string;
    readonly counts?: RunCounts;
    readonly changed?: number;
  },
): Promise<void> {
  const { organisation, connection, run, hand, before } = pass;
  const { state, reason, counts, changed = 0 } = end;
  await database.tenant([organisation], 'app', async (tx) => {
    await updateRun(tx, organisation, run, {
      ...{ state, ended_at: clock.now() },
      ...(reason === undefined ? {} : { reason }),
      ...(counts === undefined ? {} : { counts }),
    });
    if (connection.held_until !== null)
      await keepHold(tx, organisation, connection.id, connection.held_until, null);
    const news = before?.state !== state || before.reason !== (reason ?? null);
    if (state === 'planned' || (!news && changed === 0)) return;
    await audit.append(tx, {
      organisation,
      action: state === 'finished' ? 'provisioning.sync-finished' : 'provisioning.sync-stopped',
      ...{ actor: hand.actor, origin: hand.from.origin, request: hand.from.request },
      result: state === 'finished' ? 'done' : 'failed',
      subjects: [{ kind: 'provisioning-connection', id: connection.id }],
      details: { reason: reason ?? '', changed, refused: counts?.refused ?? 0 },
      sealedReference: null,
    });
  });
}

function countsOf(plan: Plan, picture: DirectoryPicture): RunCounts {
  const of = (kind: Step['kind']) => plan.steps.filter((step) => step.kind === kind).length;
  return {
    ...{ people: picture.people.length, add: of('add'), change: of('change'), end: plan.ending.length },
    ...{ same: plan.same, kept: plan.kept, unusable: picture.unusable, groups: picture.groups?.length ?? 0 },
  };
}

function linesOf({ steps }: Plan): PlanLine[] {
  const kinds: readonly Step['kind'][] = ['end', 'disable', 'add', 'change'];
  return kinds.flatMap((kind) =>
    steps
      .filter((step) => step.kind === kind)
      .slice(0, MOST_SHOWN)
      .map(({ record }) => ({ kind, address: addressText(record.userName) })),
  );
}

/** The hand of somebody who acts for a connection, such as when it is removed. */
export function handOf(caller: Caller, connection: string): DirectoryHand {
  return {
    ...{ organisation: caller.organisation, source: sourceOf(connection), actor: caller.actor, from: caller },
  };
}
