import type { Actor, Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Policy } from '#core/policy';
import type { Transaction } from '#platform/database';
import type { RecordPorts } from '#platform/record';
import type { Clock } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { onRecord, tell } from './on-record.ts';
import { insertPolicy, newestPolicy, type PolicyRow } from './policy.store.ts';
import { readDocument } from './policy-document.ts';
import { policyWarnings } from './policy-warnings.ts';

export interface VersionPorts {
  readonly vault: Vault;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
}

/** One stored version, opened. */
export interface StoredPolicy {
  readonly policy: Policy;
  readonly createdBy: Actor;
  readonly createdAt: Date;
}

/**
 * Stores the next version with its event and audit entry. `by` is who wrote it; the caller is who put it in force.
 * Refusal `version-conflict` where it does not follow on the newest.
 */
export async function storeVersion(
  ports: VersionPorts,
  tx: Transaction,
  caller: Caller,
  policy: Policy,
  by: Actor,
  proposal: string | null,
): Promise<void> {
  const { organisation } = caller;
  const newest = await newestPolicy(tx, organisation);
  const conflict = () => new Refusal('version-conflict', { newest: newest?.version ?? 0 });
  if ((newest?.version ?? 0) !== policy.version - 1) throw conflict();
  const sealed = await sealPolicy(ports, organisation, policy);
  if (!(await insertPolicy(tx, organisation, policy.version, sealed, by))) throw conflict();
  const subject = { kind: 'policy', id: String(policy.version) } as const;
  await tell(ports, tx, caller, 'policy.changed', subject);
  await onRecord(ports, tx, caller, 'policy.changed', [subject], {
    version: policy.version,
    methods: policy.methods.join(' '),
    exclusive: policy.exclusive,
    tlsHighestClass: policy.tlsHighestClass,
    lowering: policy.triggers.lowering,
    waivers: policy.waivers.enabled ? policy.waivers.highestClass : 'off',
    streams: policy.streams.length,
    domains: policy.domains.length,
    recipients: policy.recipients.length,
    loosened: await loosenedBy(ports, organisation, newest, policy),
    proposal,
  });
}

/** Codes of warnings that the version before did not give: what the rules over the audit log take for a weakening. */
async function loosenedBy(
  ports: Pick<VersionPorts, 'vault'>,
  organisation: OrganisationId,
  before: PolicyRow | undefined,
  policy: Policy,
): Promise<string | null> {
  if (before === undefined) return null;
  const known = codesOf((await openPolicy(ports, organisation, before)).policy);
  return [...codesOf(policy)].filter((code) => !known.has(code)).join(' ') || null;
}

const WEAKER: ReadonlySet<string> = new Set(['tls-not-verified', 'waivers-on', 'lowering-on']);

function codesOf(policy: Policy): ReadonlySet<string> {
  return new Set(policyWarnings(policy).flatMap(({ code }) => (WEAKER.has(code) ? [code] : [])));
}

function binding(organisation: OrganisationId, version: number) {
  return { organisation, field: 'policy.document', row: String(version) };
}

export function sealPolicy(
  { vault }: Pick<VersionPorts, 'vault'>,
  organisation: OrganisationId,
  policy: Policy,
): Promise<Buffer> {
  return vault.sealValue('configuration', binding(organisation, policy.version), JSON.stringify(policy));
}

export async function openPolicy(
  { vault }: Pick<VersionPorts, 'vault'>,
  organisation: OrganisationId,
  row: PolicyRow,
): Promise<StoredPolicy> {
  const text = await vault.openValue(binding(organisation, row.version), row.document);
  const policy: Policy = { ...readDocument(text.toString('utf8')), version: row.version };
  return { policy, createdBy: row.created_by, createdAt: row.created_at };
}
