import type { Actor, Caller } from '#core/actor';
import type { Address } from '#core/address';
import type { Decision, RecipientFacts } from '#core/decision';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Method, SensitivityClass, Stream } from '#core/method';
import { DEFAULT_POLICY, type Policy } from '#core/policy';
import type { ExplainedValue } from '#core/policy-explanation';
import type { Database, Transaction } from '#platform/database';
import { addressIndexForm, parseAddress } from '#platform/mail';
import {
  comparePolicies,
  describePolicy,
  type PolicyDifference,
  type PolicySentence,
} from './describe-policy.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { onRecord } from './on-record.ts';
import {
  insertPolicy,
  newestPolicy,
  type PolicyRow,
  policiesByVersion,
  policyVersions,
} from './policy.store.ts';
import { type GivenPolicy, normalise, unreadableAddresses } from './policy-document.ts';
import { type PolicyWarning, policyWarnings } from './policy-warnings.ts';
import { fourEyes } from './proposal.store.ts';
import { createProposals, type ProposalPorts, type Proposals, propose } from './proposals.ts';
import { createReplays, type ReplayPorts, type Replays } from './replays.ts';
import {
  openPolicy,
  type StoredPolicy,
  sealPolicy,
  storeVersion,
  type VersionPorts,
} from './store-version.ts';

const CACHE_MS = 2_000;

export interface PolicyPorts
  extends VersionPorts,
    Pick<ProposalPorts, 'apiKeyMaker'>,
    Pick<ReplayPorts, 'waiverHistory' | 'holders' | 'logger'> {
  readonly database: Database;
  /** The decide stage, handed in by main. */
  decide(facts: RecipientFacts, policy: Policy): Decision;
  explain(
    facts: Pick<RecipientFacts, 'addressIndex' | 'domain' | 'stream'>,
    policy: Policy,
  ): readonly ExplainedValue[];
  /** Rules that types cannot say: paths and codes of what is wrong. */
  validate(policy: Policy): readonly PolicyProblem[];
  /** Methods that this Sealpost can offer now. */
  offered(): readonly Method[];
  /** Whether a waiver of this recipient is in force now. */
  waiver(organisation: OrganisationId, address: Address): Promise<boolean>;
}

export interface PolicyProblem {
  readonly path: string;
  readonly code: string;
}

/** What may be said of a document before it is stored. */
export interface PolicyReview {
  readonly problems: readonly PolicyProblem[];
  readonly warnings: readonly PolicyWarning[];
  readonly sentences: readonly PolicySentence[];
}

export interface PolicyPreview {
  readonly decision: Decision;
  /** Where each value comes from. */
  readonly values: readonly ExplainedValue[];
}

/** A saving: in force at once, or before a second person. */
export type Saved =
  | { readonly kind: 'stored'; readonly stored: StoredPolicy }
  | { readonly kind: 'proposed'; readonly proposal: string };

export interface Policies {
  /** The policy in force, at most 2 s old (at once after a change in this process). */
  current(organisation: OrganisationId): Promise<Policy>;
  newest(caller: Caller): Promise<StoredPolicy>;
  versions(caller: Caller, before: number | null, limit: number): Promise<StoredPolicy[]>;
  /** What two versions say differently. Refusal `not-found`. */
  compare(caller: Caller, from: number, to: number): Promise<readonly PolicyDifference[]>;
  /**
   * Stores the next version, or proposes it where a second person decides. Refusals: `version-conflict` when `expected` is
   * not the newest, `invalid` with a path, and those of `propose`.
   */
  save(caller: Caller, expected: number, document: GivenPolicy): Promise<Saved>;
  /** Problems, warnings and the whole in sentences. Pure. */
  review(document: GivenPolicy): PolicyReview;
  /** What would happen to a message of this class and stream to this address; with a draft, under that draft. */
  preview(
    caller: Caller,
    wanted: { readonly address: string; readonly class: SensitivityClass; readonly stream: Stream },
    draft: GivenPolicy | null,
  ): Promise<PolicyPreview>;
  /** Version 1 for a new organisation, in the transaction that makes it. */
  ensure(tx: Transaction, organisation: OrganisationId, actor: Actor): Promise<void>;
  readonly drafts: Drafts;
  readonly proposals: Proposals;
  readonly replays: Replays;
}

export function createPolicies(ports: PolicyPorts): Policies {
  const kept = keepCurrent(ports);
  const check = (policy: Policy): void => {
    const [problem] = problemsOf(ports, policy);
    if (problem) throw new Refusal('invalid', { path: problem.path, rule: problem.code });
  };
  const proposing: ProposalPorts = { ...ports, check, changed: kept.forget };
  const open = (organisation: OrganisationId, row: PolicyRow) => openPolicy(ports, organisation, row);
  return {
    current: kept.current,
    async newest(caller) {
      const { organisation } = caller;
      const row = await ports.database.tenant([organisation], 'app', async (tx) => {
        const found = await newestPolicy(tx, organisation);
        if (found) await recordViewed(ports, tx, caller, [found]);
        return found;
      });
      if (!row) throw new Refusal('not-found');
      return open(organisation, row);
    },
    async versions(caller, before, limit) {
      const { organisation } = caller;
      const rows = await ports.database.tenant([organisation], 'app', async (tx) => {
        const found = await policyVersions(tx, organisation, before, limit);
        await recordViewed(ports, tx, caller, found);
        return found;
      });
      return Promise.all(rows.map((row) => open(organisation, row)));
    },
    async compare(caller, from, to) {
      const { organisation } = caller;
      const rows = await ports.database.tenant([organisation], 'app', async (tx) => {
        const found = await policiesByVersion(tx, organisation, [from, to]);
        await recordViewed(ports, tx, caller, found);
        return found;
      });
      const opened = await Promise.all(rows.map((row) => open(organisation, row)));
      const [old, now] = [from, to].map((wanted) => opened.find(({ policy }) => policy.version === wanted));
      if (!old || !now) throw new Refusal('not-found');
      return comparePolicies(old.policy, now.policy);
    },
    async save(caller, expected, document) {
      const policy: Policy = { ...normalise(document), version: expected + 1 };
      check(policy);
      const proposal = await ports.database.tenant([caller.organisation], 'app', (tx) =>
        storeOrPropose(proposing, tx, caller, policy),
      );
      if (proposal !== null) return { kind: 'proposed', proposal };
      kept.forget(caller.organisation);
      return {
        kind: 'stored',
        stored: { policy, createdBy: caller.actor, createdAt: ports.clock.now() },
      };
    },
    review(document) {
      const policy = { ...normalise(document), version: 0 };
      return {
        problems: problemsOf(ports, policy),
        warnings: policyWarnings(policy),
        sentences: describePolicy(policy),
      };
    },
    async preview(caller, wanted, draft) {
      const policy = draft ? { ...normalise(draft), version: 0 } : (await this.newest(caller)).policy;
      return previewOf(ports, caller, wanted, policy);
    },
    async ensure(tx, organisation, actor) {
      const sealed = await sealPolicy(ports, organisation, DEFAULT_POLICY);
      await insertPolicy(tx, organisation, DEFAULT_POLICY.version, sealed, actor);
    },
    drafts: createDrafts(ports),
    proposals: createProposals(proposing),
    replays: createReplays({ ...ports, check }),
  };
}

/** The policy in force as the worker keeps it for a moment. */
function keepCurrent(ports: PolicyPorts) {
  const cache = new Map<OrganisationId, { readonly policy: Policy; readonly until: number }>();
  const changes = new Map<OrganisationId, number>();
  return {
    async current(organisation: OrganisationId): Promise<Policy> {
      const now = ports.clock.monotonic();
      const kept = cache.get(organisation);
      if (kept && kept.until > now) return kept.policy;
      const seen = changes.get(organisation);
      const row = await ports.database.tenant([organisation], 'worker', (tx) =>
        newestPolicy(tx, organisation),
      );
      const policy = row ? (await openPolicy(ports, organisation, row)).policy : DEFAULT_POLICY;
      // What was read before a change in this process must not be kept after it.
      if (changes.get(organisation) === seen) cache.set(organisation, { policy, until: now + CACHE_MS });
      return policy;
    },
    forget(organisation: OrganisationId): void {
      changes.set(organisation, (changes.get(organisation) ?? 0) + 1);
      cache.delete(organisation);
    },
  };
}

function problemsOf(ports: PolicyPorts, policy: Policy): readonly PolicyProblem[] {
  const problems = ports.validate(policy);
  const known = new Set(problems.map(({ path }) => path));
  const unreadable = unreadableAddresses(policy).filter((path) => !known.has(path));
  return [...problems, ...unreadable.map((path) => ({ path, code: 'address-invalid' }))];
}

/** Null where it is in force now, else the id of the proposal. */
async function storeOrPropose(
  ports: ProposalPorts,
  tx: Transaction,
  caller: Caller,
  policy: Policy,
): Promise<string | null> {
  const { organisation } = caller;
  if (!(await fourEyes(tx, organisation, 'shared'))) {
    await storeVersion(ports, tx, caller, policy, caller.actor, null);
    return null;
  }
  const newest = (await newestPolicy(tx, organisation))?.version ?? 0;
  const { version, ...document } = policy;
  if (newest !== version - 1) throw new Refusal('version-conflict', { newest });
  return propose(ports, tx, caller, { kind: 'document', baseVersion: newest, document });
}

async function previewOf(
  ports: PolicyPorts,
  caller: Caller,
  wanted: { readonly address: string; readonly class: SensitivityClass; readonly stream: Stream },
  policy: Policy,
): Promise<PolicyPreview> {
  const address = parseAddress(wanted.address);
  if (!address) throw new Refusal('invalid-address', { path: 'address' });
  const facts = {
    domain: address.domain,
    addressIndex: addressIndexForm(address),
    class: wanted.class,
    stream: wanted.stream,
    offered: ports.offered(),
    waiver: await ports.waiver(caller.organisation, address),
    lowered: false,
    failures: [],
  };
  return { decision: ports.decide(facts, policy), values: ports.explain(facts, policy) };
}

/** Rules for single recipients hold their addresses: reading a policy is an access to PHI (AU-1). */
async function recordViewed(
  ports: PolicyPorts,
  tx: Transaction,
  caller: Caller,
  rows: readonly PolicyRow[],
): Promise<void> {
  const subjects = rows.map((row) => ({ kind: 'policy', id: String(row.version) }) as const);
  await onRecord(ports, tx, caller, 'policy.viewed', subjects);
}
