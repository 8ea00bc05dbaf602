import type { MessageId, OrganisationId } from '#core/ids';
import type { Method } from '#core/method';
import type { Policy } from '#core/policy';
import { addressIndexForm, parseAddress } from '#platform/mail';
import { describeFault } from '#platform/runtime';
import { policiesByVersion } from './policy.store.ts';
import { readDocument } from './policy-document.ts';
import {
  advanceReplay,
  type DecidedRow,
  decidedDeliveries,
  deleteReplays,
  messagesBefore,
  type ReplayRow,
  stopReplay,
  takeReplay,
  type WaitingReplay,
  waitingReplays,
} from './replay.store.ts';
import { HELD_METHODS, type PastDecision, replayDecision } from './replay-decision.ts';
import { addToSummary, emptySummary } from './replay-summary.ts';
import { type ReplayPorts, replayBinding } from './replays.ts';
import { openPolicy } from './store-version.ts';

/** One run of the job; what is left is gone on with at the next. A stopping process waits no longer than this. */
const RUN_MS = 4_000;
const MOST_WAITING = 20;
const KEPT_MS = 30 * 86_400_000;
/** Decisions that are made before others get their turn in this process. */
const BREATH = 250;

/** Waivers of an organisation by the index that deliveries carry; read once a run of the job. */
type WaiverIndex = ReadonlyMap<string, readonly { readonly from: Date; readonly until: Date }[]>;

interface Run {
  readonly waivers: Map<OrganisationId, Promise<WaiverIndex>>;
}

/**
 * Goes on with the replays that wait, page by page and in turn. A page is one transaction that holds its replay: two workers
 * never count one page twice, a cancelled replay ends after its page, and after a crash the page is done again.
 */
export async function runReplays(ports: ReplayPorts): Promise<void> {
  const until = ports.clock.monotonic() + RUN_MS;
  const run: Run = { waivers: new Map() };
  for (;;) {
    const waiting = await ports.database.system('worker', (tx) => waitingReplays(tx, MOST_WAITING));
    let moved = false;
    for (const one of waiting) {
      if (await goOn(ports, run, one)) moved = true;
      if (ports.clock.monotonic() > until) return;
    }
    if (!moved) return;
  }
}

/** A replay that cannot be gone on with ends as failed: it must not be tried for ever. */
async function goOn(ports: ReplayPorts, run: Run, one: WaitingReplay): Promise<boolean> {
  try {
    return await onePage(ports, run, one);
  } catch (error) {
    ports.logger.error('policy-replay-failed', {
      ...describeFault(error),
      organisation: one.organisation,
    });
    await ports.database.tenant([one.organisation], 'worker', (tx) =>
      stopReplay(tx, one.organisation, one.replay, 'failed', ports.clock.now()),
    );
    return true;
  }
}

async function onePage(
  ports: ReplayPorts,
  run: Run,
  { organisation, replay }: WaitingReplay,
): Promise<boolean> {
  return ports.database.tenant([organisation], 'worker', async (tx) => {
    const row = await takeReplay(tx, organisation, replay);
    if (!row) return false;
    const draft = await openDraft(ports, organisation, row);
    const page = await messagesBefore(tx, organisation, row.position ?? row.created_at, row.since);
    const asksKeys = HELD_METHODS.some((method) => mentions(draft, method));
    const rows =
      page.length === 0 ? [] : await decidedDeliveries(tx, organisation, page, row.since, asksKeys);
    const versions = [...new Set(rows.map(({ decision }) => decision.policyVersion))];
    const stored = await policiesByVersion(tx, organisation, versions);
    const bases = await Promise.all(stored.map((one) => openPolicy(ports, organisation, one)));
    const policies = new Map(bases.map(({ policy }) => [policy.version, policy]));
    const summary = row.result ?? emptySummary();
    const known = await recipientsOf(ports, run, organisation, rows, [...policies.values(), draft], draft);
    let done = 0;
    for (const decided of rows) {
      const base = policies.get(decided.decision.policyVersion);
      addToSummary(summary, replayDecision(ports, pastOf(decided), known(decided), base, draft));
      done += 1;
      if (done % BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const last: MessageId | null = page.at(-1) ?? null;
    const ended = last === null || summary.decisions >= row.most;
    const finishedAt = ended ? ports.clock.now() : null;
    await advanceReplay(tx, organisation, replay, { position: last, result: summary, finishedAt });
    return true;
  });
}

async function openDraft(ports: ReplayPorts, organisation: OrganisationId, row: ReplayRow): Promise<Policy> {
  const text = await ports.vault.openValue(replayBinding(organisation, row.id), row.document);
  return { ...readDocument(text.toString('utf8')), version: 0 };
}

function mentions(policy: Policy, method: Method): boolean {
  const rules = [policy, ...policy.streams, ...policy.domains, ...policy.recipients];
  return rules.some(({ methods }) => methods?.includes(method));
}

/** Facts of another run than the decision's are none: a process of the release before wrote the decision without any. */
function pastOf(row: DecidedRow): PastDecision {
  const { id, message, domain, decision, failures, facts, stream } = row;
  const own = facts !== null && facts.run === row.attempts ? facts : null;
  return {
    ...{ message, domain, decision, failures, stream },
    delivery: id,
    class: row.class,
    lowered: row.lowered,
    facts: own,
  };
}

/**
 * Finds what is known of each recipient by the keyed index that deliveries carry: addresses of rules and of waivers are
 * indexed alike and compared, so no delivery's address is opened. Only where the draft names a method that needs a key or
 * password of the recipient's are addresses opened, in memory, to ask what is held.
 */
async function recipientsOf(
  ports: ReplayPorts,
  run: Run,
  organisation: OrganisationId,
  rows: readonly DecidedRow[],
  policies: readonly Policy[],
  draft: Policy,
) {
  const named = new Set(policies.flatMap(({ recipients }) => recipients.map(({ address }) => address)));
  const rules = new Map<string, string>();
  for (const address of named)
    for (const index of await indexesOf(ports, organisation, address)) rules.set(index, address);
  const waivers = draft.waivers.enabled ? await waiversOf(ports, run, organisation) : null;
  const held = await heldBy(ports, organisation, rows, draft);
  return (row: DecidedRow) => {
    const index = row.recipient_index.toString('hex');
    const at = row.facts === null ? row.changed_at : new Date(row.facts.at);
    return {
      addressIndex: rules.get(index) ?? '',
      waiver: waivers?.get(index)?.some(({ from, until }) => from <= at && at < until) ?? false,
      holds: (method: Method) => held.get(method)?.has(index) ?? false,
    };
  };
}

/** The index of an address as deliveries carry it, under every version of the index key. */
async function indexesOf(
  { vault }: ReplayPorts,
  organisation: OrganisationId,
  address: string,
): Promise<string[]> {
  const newest = await vault.indexVersion(organisation);
  const versions = Array.from({ length: newest }, (_, place) => place + 1);
  return Promise.all(
    versions.map(async (version) =>
      (await vault.blindIndex(organisation, 'address', address, version)).toString('hex'),
    ),
  );
}

function waiversOf(ports: ReplayPorts, run: Run, organisation: OrganisationId): Promise<WaiverIndex> {
  const kept = run.waivers.get(organisation);
  if (kept) return kept;
  const read = (async () => {
    const index = new Map<string, { from: Date; until: Date }[]>();
    for (const { address, from, until } of await ports.waiverHistory(organisation))
      for (const one of await indexesOf(ports, organisation, address))
        index.set(one, [...(index.get(one) ?? []), { from, until }]);
    return index;
  })();
  run.waivers.set(organisation, read);
  return read;
}

/** By method, the indexes of those recipients for whom we hold now what it needs. */
async function heldBy(
  ports: ReplayPorts,
  organisation: OrganisationId,
  rows: readonly DecidedRow[],
  draft: Policy,
): Promise<ReadonlyMap<Method, ReadonlySet<string>>> {
  const addresses = new Map<string, string>();
  for (const row of rows) {
    const { recipient, object_key: wrapped } = row;
    const index = row.recipient_index.toString('hex');
    if (recipient === null || wrapped === null || addresses.has(index)) continue;
    const key =
      ports.vault.tryOpenObjectKey(organisation, wrapped) ??
      (await ports.vault.openObjectKey(organisation, wrapped));
    const binding = { organisation, field: 'delivery.recipient', row: row.id };
    const address = parseAddress(ports.vault.openText(key, binding, recipient));
    if (address) addresses.set(index, addressIndexForm(address));
  }
  const held = new Map<Method, ReadonlySet<string>>();
  for (const method of HELD_METHODS) {
    if (!mentions(draft, method)) continue;
    const found = await ports.holders(organisation, method, [...new Set(addresses.values())]);
    held.set(
      method,
      new Set([...addresses].filter(([, address]) => found.has(address)).map(([index]) => index)),
    );
  }
  return held;
}

/** Results are for deciding on a draft, not for keeping. */
export async function sweepReplays(
  { database, clock }: ReplayPorts,
  organisations: readonly OrganisationId[],
): Promise<void> {
  const before = new Date(clock.now().getTime() - KEPT_MS);
  for (const id of organisations)
    await database.tenant([id], 'worker', (tx) => deleteReplays(tx, id, before));
}
