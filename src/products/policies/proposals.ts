import type { Actor, Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { ApiKeyId, IdentityId, OrganisationId } from '#core/ids';
import type { Policy } from '#core/policy';
import type { Database, Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { comparePolicies, type PolicyDifference } from './describe-policy.ts';
import { onRecord, tell } from './on-record.ts';
import { newestPolicy, policiesByVersion } from './policy.store.ts';
import { type PolicyDocument, readDocument } from './policy-document.ts';
import {
  endProposal,
  fourEyes,
  insertProposal,
  listProposals,
  lockProposal,
  type ProposalEnd,
  type ProposalKind,
  type ProposalRow,
  setFourEyes,
} from './proposal.store.ts';
import { openPolicy, storeVersion, type VersionPorts } from './store-version.ts';

export interface ProposalPorts extends VersionPorts {
  readonly database: Database;
  /** Refusal `invalid` where the document may not be stored. */
  check(policy: Policy): void;
  /** The person who made an API key; null where nobody did. */
  apiKeyMaker(tx: Transaction, organisation: OrganisationId, key: ApiKeyId): Promise<IdentityId | null>;
  /** A new version is in force: nobody may go on with a kept one. */
  changed(organisation: OrganisationId): void;
}

/** `stale`: another version came in between. `expired`: nobody decided for 14 days. Neither can be approved any more. */
export type ProposalState = 'pending' | 'stale' | 'expired' | ProposalEnd;

export interface Proposal {
  readonly id: string;
  readonly kind: ProposalKind;
  readonly state: ProposalState;
  readonly baseVersion: number;
  /** What it changes against the version that it was made from. */
  readonly differences: readonly PolicyDifference[];
  readonly proposedBy: Actor;
  readonly proposedAt: Date;
  readonly expiresAt: Date;
  readonly endedBy: Actor | null;
  readonly endedAt: Date | null;
  readonly comment: string | null;
  /** Whether this caller may decide: a person, and not the one behind it. */
  readonly mayDecide: boolean;
  readonly mayWithdraw: boolean;
}

/** Four eyes on the policy: one person proposes, another one decides. */
export interface Proposals {
  /** Whether a second person decides on changes here. */
  on(caller: Caller): Promise<boolean>;
  /**
   * Turning it on holds at once; turning it off is itself proposed (then the answer is the proposal's id). Refusal
   * `not-permitted` for API keys.
   */
  set(caller: Caller, on: boolean): Promise<{ readonly on: boolean; readonly proposal: string | null }>;
  list(caller: Caller, before: string | null, limit: number): Promise<readonly Proposal[]>;
  /**
   * Puts it in force. Refusals: `not-found`, `not-permitted` for API keys and for the person behind it, `wrong-state`
   * where it has ended or its time is over, `version-conflict` where another version came in between, `invalid` where
   * the rules for documents have changed.
   */
  approve(caller: Caller, id: string, comment: string): Promise<void>;
  /** Refusals as with `approve`, but also what is stale may be rejected. */
  reject(caller: Caller, id: string, comment: string): Promise<void>;
  /** Only by the person behind it. Refusals: `not-found`, `not-permitted`, `wrong-state`. */
  withdraw(caller: Caller, id: string): Promise<void>;
}

const LASTS_MS = 14 * 86_400_000;
const MOST_OPEN = 20;

const documentBinding = (organisation: OrganisationId, row: string) => ({
  ...{ organisation, row },
  field: 'policy_proposal.document',
});
const commentBinding = (organisation: OrganisationId, row: string) => ({
  ...{ organisation, row },
  field: 'policy_proposal.comment',
});

/**
 * Puts a change before a second person, in the transaction that found four eyes on; returns its id. Refusals:
 * `limit-reached` at 20 that wait, `not-permitted` for an API key that nobody made.
 */
export async function propose(
  ports: ProposalPorts,
  tx: Transaction,
  caller: Caller,
  change: {
    readonly kind: ProposalKind;
    readonly baseVersion: number;
    readonly document: PolicyDocument | null;
  },
): Promise<string> {
  const { organisation, actor } = caller;
  const proposer = await personBehind(ports, tx, caller);
  if (proposer === null) throw new Refusal('not-permitted', { rule: 'four-eyes' });
  const now = ports.clock.now();
  const id = newId(ports.clock);
  const sealed =
    change.document &&
    (await ports.vault.sealValue(
      'configuration',
      documentBinding(organisation, id),
      JSON.stringify(change.document),
    ));
  const row = {
    ...{ id, organisation, kind: change.kind, base_version: change.baseVersion, document: sealed },
    ...{ proposed_by: actor, proposer, proposed_at: now, expires_at: new Date(now.getTime() + LASTS_MS) },
  };
  if (!(await insertProposal(tx, row, MOST_OPEN)))
    throw new Refusal('limit-reached', { proposals: MOST_OPEN });
  const subject = { kind: 'policy-proposal', id } as const;
  await tell(ports, tx, caller, 'policy.proposed', subject);
  await onRecord(ports, tx, caller, 'policy.proposed', [subject], {
    kind: change.kind,
    baseVersion: change.baseVersion,
  });
  return id;
}

/** With an API key it is the person who made it: nobody gets a second pair of eyes by making a key. */
async function personBehind(
  ports: Pick<ProposalPorts, 'apiKeyMaker'>,
  tx: Transaction,
  { organisation, actor }: Caller,
): Promise<IdentityId | null> {
  if (actor.kind === 'person') return actor.identity;
  return actor.kind === 'api-key' ? ports.apiKeyMaker(tx, organisation, actor.apiKey) : null;
}

export function createProposals(ports: ProposalPorts): Proposals {
  const { database, clock } = ports;
  const tenant = <T>(caller: Caller, work: (tx: Transaction) => Promise<T>) =>
    database.tenant([caller.organisation], 'app', work);
  return {
    on: (caller) => tenant(caller, (tx) => fourEyes(tx, caller.organisation, 'none')),
    set: (caller, on) => tenant(caller, (tx) => set(ports, tx, caller, on)),
    async list(caller, before, limit) {
      const { organisation } = caller;
      const found = await tenant(caller, async (tx) => {
        const rows = await listProposals(tx, organisation, before, limit);
        const newest = (await newestPolicy(tx, organisation))?.version ?? 0;
        const bases = await policiesByVersion(tx, organisation, [
          ...new Set(rows.map((row) => row.base_version)),
        ]);
        await onRecord(ports, tx, caller, 'policy-proposals.listed', rows.map(subjectOf));
        return { rows, newest, bases };
      });
      const opened = await Promise.all(found.bases.map((row) => openPolicy(ports, organisation, row)));
      const bases = new Map(opened.map(({ policy }) => [policy.version, policy]));
      return Promise.all(
        found.rows.map((row) => shown(ports, caller, row, found.newest, bases.get(row.base_version))),
      );
    },
    async approve(caller, id, comment) {
      await tenant(caller, async (tx) => {
        const row = await decidable(ports, tx, caller, id);
        if (row.kind === 'four-eyes-off') {
          await setFourEyes(tx, caller.organisation, false, caller.actor, clock.now());
          const details = { fourEyes: false, loosened: 'four-eyes' };
          await onRecord(ports, tx, caller, 'policy-setting.changed', [], details);
        } else await putInForce(ports, tx, caller, row);
        await end(ports, tx, caller, row, 'approved', comment);
      });
      ports.changed(caller.organisation);
    },
    async reject(caller, id, comment) {
      await tenant(caller, async (tx) =>
        end(ports, tx, caller, await decidable(ports, tx, caller, id), 'rejected', comment),
      );
    },
    async withdraw(caller, id) {
      await tenant(caller, async (tx) => {
        const row = await open(ports, tx, caller, id);
        if ((await personBehind(ports, tx, caller)) !== row.proposer)
          throw new Refusal('not-permitted', { rule: 'four-eyes' });
        await end(ports, tx, caller, row, 'withdrawn', '');
      });
    },
  };
}

async function set(ports: ProposalPorts, tx: Transaction, caller: Caller, on: boolean) {
  const { organisation, actor } = caller;
  if (actor.kind !== 'person') throw new Refusal('not-permitted', { rule: 'four-eyes' });
  const now = await fourEyes(tx, organisation, 'alone');
  if (now === on) return { on, proposal: null };
  if (!on) {
    const baseVersion = (await newestPolicy(tx, organisation))?.version ?? 0;
    const change = { kind: 'four-eyes-off', baseVersion, document: null } as const;
    return { on: true, proposal: await propose(ports, tx, caller, change) };
  }
  await setFourEyes(tx, organisation, true, actor, ports.clock.now());
  await onRecord(ports, tx, caller, 'policy-setting.changed', [], { fourEyes: true });
  return { on: true, proposal: null };
}

const subjectOf = ({ id }: { readonly id: string }) => ({ kind: 'policy-proposal', id }) as const;

/** A proposal that nobody has ended. */
async function open(
  { clock }: ProposalPorts,
  tx: Transaction,
  caller: Caller,
  id: string,
): Promise<ProposalRow> {
  const row = await lockProposal(tx, caller.organisation, id);
  if (!row) throw new Refusal('not-found');
  if (row.ended_as !== null || row.expires_at <= clock.now()) throw new Refusal('wrong-state');
  return row;
}

/** One that this caller may decide on: a person, and another one than who stands behind it. */
async function decidable(
  ports: ProposalPorts,
  tx: Transaction,
  caller: Caller,
  id: string,
): Promise<ProposalRow> {
  const row = await open(ports, tx, caller, id);
  if (!isSecondPerson(caller, row)) throw new Refusal('not-permitted', { rule: 'four-eyes' });
  return row;
}

function isSecondPerson({ actor }: Caller, { proposer }: ProposalRow): boolean {
  return actor.kind === 'person' && actor.identity !== proposer;
}

/** The caller puts it in force; who proposed it stays its author. */
async function putInForce(
  ports: ProposalPorts,
  tx: Transaction,
  caller: Caller,
  row: ProposalRow,
): Promise<void> {
  const document = await openDocument(ports, caller.organisation, row);
  const policy: Policy = { ...document, version: row.base_version + 1 };
  ports.check(policy);
  await storeVersion(ports, tx, caller, policy, row.proposed_by, row.id);
}

async function end(
  ports: ProposalPorts,
  tx: Transaction,
  caller: Caller,
  row: ProposalRow,
  as: ProposalEnd,
  comment: string,
): Promise<void> {
  const { organisation, actor } = caller;
  const sealed =
    comment === ''
      ? null
      : await ports.vault.sealValue('configuration', commentBinding(organisation, row.id), comment);
  await endProposal(tx, organisation, row.id, { as, by: actor, at: ports.clock.now(), comment: sealed });
  const type = `policy.proposal-${as}` as const;
  await tell(ports, tx, caller, type, subjectOf(row));
  await onRecord(ports, tx, caller, type, [subjectOf(row)], {
    kind: row.kind,
    baseVersion: row.base_version,
    // Who proposed stands in the entry of the proposal; here again, so that one entry shows both.
    proposer: row.proposer,
  });
}

async function openDocument(
  { vault }: Pick<ProposalPorts, 'vault'>,
  organisation: OrganisationId,
  row: ProposalRow,
): Promise<PolicyDocument> {
  if (row.document === null) throw new Error('a proposal of a document has none');
  const text = await vault.openValue(documentBinding(organisation, row.id), row.document);
  return readDocument(text.toString('utf8'));
}

async function shown(
  ports: ProposalPorts,
  caller: Caller,
  row: ProposalRow,
  newest: number,
  base: PolicyDocument | undefined,
): Promise<Proposal> {
  const { organisation } = caller;
  const document = row.document === null ? null : await openDocument(ports, organisation, row);
  const comment =
    row.comment && (await ports.vault.openValue(commentBinding(organisation, row.id), row.comment));
  const state = stateOf(row, newest, ports.clock.now());
  const waits = state === 'pending' || state === 'stale';
  const { actor } = caller;
  return {
    ...{ id: row.id, kind: row.kind, state, baseVersion: row.base_version },
    differences: document && base ? comparePolicies(base, document) : [],
    ...{ proposedBy: row.proposed_by, proposedAt: row.proposed_at, expiresAt: row.expires_at },
    ...{ endedBy: row.ended_by, endedAt: row.ended_at, comment: comment?.toString('utf8') ?? null },
    mayDecide: waits && isSecondPerson(caller, row),
    mayWithdraw: waits && actor.kind === 'person' && actor.identity === row.proposer,
  };
}

function stateOf(row: ProposalRow, newest: number, now: Date): ProposalState {
  if (row.ended_as !== null) return row.ended_as;
  if (row.expires_at <= now) return 'expired';
  return row.kind === 'document' && row.base_version !== newest ? 'stale' : 'pending';
}
