import type { Actor, Caller } from '#core/actor';
import type { Address } from '#core/address';
import { doneBy } from '#core/audit-entry';
import type { Decision, RecipientFacts } from '#core/decision';
import { Refusal } from '#core/errors';
import type { EventId, OrganisationId } from '#core/ids';
import type { Method, SensitivityClass } from '#core/method';
import { DEFAULT_POLICY, type Policy } from '#core/policy';
import type { Database, Transaction } from '#platform/database';
import { addressIndexForm, parseAddress } from '#platform/mail';
import { insertEvents, type RecordPorts } from '#platform/record';
import { type Clock, newId } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { insertPolicy, newestPolicy, type PolicyRow, policyVersions } from './policy.store.ts';

const CACHE_MS = 2_000;

export interface PolicyPorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
  /** The decide stage, handed in by main. */
  decide(facts: RecipientFacts, policy: Policy): Decision;
  /** Rules that types cannot say: paths and codes of what is wrong. */
  validate(policy: Policy): readonly { readonly path: string; readonly code: string }[];
  /** Methods that this Sealpost can offer now. */
  offered(): readonly Method[];
  /** Whether a waiver of this recipient is in force now. */
  waiver(organisation: OrganisationId, address: Address): Promise<boolean>;
}

/** A document as it may come: what was added after the first version of the format may be missing. */
export type GivenPolicy = Omit<Policy, 'version' | 'waivers' | 'triggers'> & {
  readonly waivers?: Policy['waivers'] | undefined;
  readonly triggers?: Policy['triggers'] | undefined;
};

/** What a document does not say is as for a new organisation: never more open than before. */
function completed(document: GivenPolicy): Omit<Policy, 'version'> {
  const { waivers, triggers } = DEFAULT_POLICY;
  return {
    ...document,
    waivers: document.waivers ?? waivers,
    triggers: document.triggers ?? triggers,
  };
}

/** One stored version, opened. */
export interface StoredPolicy {
  readonly policy: Policy;
  readonly createdBy: Actor;
  readonly createdAt: Date;
}

export interface Policies {
  /** The policy in force, at most 2 s old (at once after a change in this process). */
  current(organisation: OrganisationId): Promise<Policy>;
  newest(caller: Caller): Promise<StoredPolicy>;
  versions(caller: Caller, before: number | null, limit: number): Promise<StoredPolicy[]>;
  /** Stores the next version. Refusals: `version-conflict` when `expected` is not the newest, `invalid` with a path. */
  replace(caller: Caller, expected: number, document: GivenPolicy): Promise<StoredPolicy>;
  /** What would happen to a message of this class to this address; with a draft, under that draft. */
  preview(
    caller: Caller,
    address: string,
    cls: SensitivityClass,
    draft: GivenPolicy | null,
  ): Promise<Decision>;
  /** Version 1 for a new organisation, in the transaction that makes it. */
  ensure(tx: Transaction, organisation: OrganisationId, actor: Actor): Promise<void>;
}

export function createPolicies(ports: PolicyPorts): Policies {
  const cache = new Map<OrganisationId, { readonly policy: Policy; readonly until: number }>();
  const changes = new Map<OrganisationId, number>();
  const open = (organisation: OrganisationId, row: PolicyRow) => openPolicy(ports, organisation, row);
  return {
    async current(organisation) {
      const now = ports.clock.monotonic();
      const kept = cache.get(organisation);
      if (kept && kept.until > now) return kept.policy;
      const seen = changes.get(organisation);
      const row = await ports.database.tenant([organisation], 'worker', (tx) =>
        newestPolicy(tx, organisation),
      );
      const policy = row ? (await open(organisation, row)).policy : DEFAULT_POLICY;
      // What was read before a change in this process must not be kept after it.
      if (changes.get(organisation) === seen) cache.set(organisation, { policy, until: now + CACHE_MS });
      return policy;
    },
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
    async replace(caller, expected, document) {
      const policy: Policy = { ...normalise(document), version: expected + 1 };
      const [problem] = ports.validate(policy);
      if (problem) throw new Refusal('invalid', { path: problem.path, rule: problem.code });
      await ports.database.tenant([caller.organisation], 'app', (tx) => store(ports, tx, caller, policy));
      changes.set(caller.organisation, (changes.get(caller.organisation) ?? 0) + 1);
      cache.delete(caller.organisation);
      return { policy, createdBy: caller.actor, createdAt: ports.clock.now() };
    },
    async preview(caller, text, cls, draft) {
      const address = parseAddress(text);
      if (!address) throw new Refusal('invalid-address', { path: 'address' });
      const policy = draft ? { ...normalise(draft), version: 0 } : (await this.newest(caller)).policy;
      const facts = {
        domain: address.domain,
        addressIndex: addressIndexForm(address),
        class: cls,
        offered: ports.offered(),
        waiver: await ports.waiver(caller.organisation, address),
        failures: [],
      };
      return ports.decide(facts, policy);
    },
    async ensure(tx, organisation, actor) {
      const sealed = await sealPolicy(ports, organisation, DEFAULT_POLICY);
      await insertPolicy(tx, organisation, DEFAULT_POLICY.version, sealed, actor);
    },
  };
}

/** Rules for single recipients hold their addresses: reading a policy is an access to PHI (AU-1). */
async function recordViewed(
  ports: PolicyPorts,
  tx: Transaction,
  caller: Caller,
  rows: readonly PolicyRow[],
): Promise<void> {
  await ports.audit.append(
    tx,
    doneBy(caller, 'policy.viewed', {
      subjects: rows.map((row) => ({ kind: 'policy', id: String(row.version) })),
    }),
  );
}

/** Addresses and domains in the form that facts carry, so that overrides meet them. */
function normalise(document: GivenPolicy): Omit<Policy, 'version'> {
  return {
    ...completed(document),
    domains: document.domains.map((one) => ({ ...one, domain: one.domain.trim().toLowerCase() })),
    recipients: document.recipients.map((one) => {
      const address = parseAddress(one.address.trim());
      return { ...one, address: address ? addressIndexForm(address) : one.address };
    }),
  };
}

async function store(ports: PolicyPorts, tx: Transaction, caller: Caller, policy: Policy): Promise<void> {
  const { organisation } = caller;
  const newest = await newestPolicy(tx, organisation);
  const conflict = () => new Refusal('version-conflict', { newest: newest?.version ?? 0 });
  if ((newest?.version ?? 0) !== policy.version - 1) throw conflict();
  const sealed = await sealPolicy(ports, organisation, policy);
  if (!(await insertPolicy(tx, organisation, policy.version, sealed, caller.actor))) throw conflict();
  await insertEvents(tx, [
    {
      id: newId() as EventId,
      organisation,
      type: 'policy.changed',
      subjects: [{ kind: 'policy', id: String(policy.version) }],
      actor: caller.actor,
      cause: caller.request,
      occurredAt: ports.clock.now(),
      payload: null,
    },
  ]);
  await ports.audit.append(
    tx,
    doneBy(caller, 'policy.changed', {
      subjects: [{ kind: 'policy', id: String(policy.version) }],
      details: {
        version: policy.version,
        methods: policy.methods.join(' '),
        exclusive: policy.exclusive,
        tlsHighestClass: policy.tlsHighestClass,
        lowering: policy.triggers.lowering,
        waivers: policy.waivers.enabled ? policy.waivers.highestClass : 'off',
        domains: policy.domains.length,
        recipients: policy.recipients.length,
      },
    }),
  );
}

function binding(organisation: OrganisationId, version: number) {
  return { organisation, field: 'policy.document', row: String(version) };
}

function sealPolicy(ports: PolicyPorts, organisation: OrganisationId, policy: Policy): Promise<Buffer> {
  return ports.vault.sealValue(
    'configuration',
    binding(organisation, policy.version),
    JSON.stringify(policy),
  );
}

async function openPolicy(
  ports: PolicyPorts,
  organisation: OrganisationId,
  row: PolicyRow,
): Promise<StoredPolicy> {
  const text = await ports.vault.openValue(binding(organisation, row.version), row.document);
  // Sealed and authenticated by us: what comes out is what replace() or ensure() put in.
  const document = JSON.parse(text.toString('utf8')) as GivenPolicy & Pick<Policy, 'version'>;
  const policy: Policy = { ...completed(document), version: document.version };
  return { policy, createdBy: row.created_by, createdAt: row.created_at };
}
