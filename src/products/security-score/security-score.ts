import { randomBytes } from 'node:crypto';
import type { Actor, Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Resolver } from '#core/network';
import type { Audit } from '#platform/audit';
import type { Database } from '#platform/database';
import type { Clock } from '#platform/runtime';
import { CHECKS, type DomainFacts, type Facts, type Score, scoreOf } from './checks.ts';
import {
  type AttestationRow,
  attestations,
  type DomainProofRow,
  domainProofs,
  ensureProof,
  type ProofOutcome,
  putAttestation,
  settleProof,
  withdrawAttestation,
} from './domain-proof.store.ts';
import { lookAtDomain } from './look-at-domain.ts';

/** What the system says of itself; what this product keeps (proofs, attestations) and what DNS says comes on top. */
export type SystemFacts = Omit<Facts, 'now' | 'domains' | 'attested'>;

export interface SecurityScorePorts {
  readonly database: Database;
  readonly audit: Pick<Audit, 'append'>;
  readonly clock: Clock;
  facts(organisation: OrganisationId): Promise<SystemFacts>;
  /** Sending domains, each with the DKIM records that are to be published. */
  domains(organisation: OrganisationId): Promise<
    readonly {
      readonly name: string;
      readonly dkim: readonly { readonly name: string; readonly value: string }[];
    }[]
  >;
  resolver(): Pick<Resolver, 'txt'>;
  live(): boolean;
}

export interface DomainProof {
  readonly domain: string;
  /** What is to be published as TXT. */
  readonly record: { readonly name: string; readonly value: string };
  readonly provedAt: Date | null;
  readonly checkedAt: Date | null;
  readonly outcome: ProofOutcome | null;
}

export interface SecurityScore {
  score(caller: Caller): Promise<Score & { readonly attestations: readonly AttestationRow[] }>;
  domainProofs(caller: Caller): Promise<readonly DomainProof[]>;
  /** Asks DNS now. Refusals: `not-found`, `wrong-state` in the sandbox, whose domains are nobody's. */
  checkDomain(caller: Caller, domain: string): Promise<DomainProof>;
  /** Vouches for what a program cannot see. Refusal `not-found` for a check that it can see. */
  attest(caller: Caller, code: string): Promise<void>;
  withdraw(caller: Caller, code: string): Promise<void>;
  /** The worker's part, daily: asks for every domain again. */
  checkDomains(organisation: OrganisationId): Promise<void>;
}

const KEPT_MS = 60_000;
const MOST_DOMAINS = 50;
const MOST_KEPT = 500;
const SYSTEM: Actor = { kind: 'system', component: 'security-score' };

export const proofRecord = (domain: string, token: string) => ({
  name: `_sealpost.${domain}`,
  value: `sealpost-domain=${token}`,
});

export function createSecurityScore(ports: SecurityScorePorts): SecurityScore {
  const { database, audit, clock } = ports;
  const published = keptPublished(ports);
  /** Every domain has its token; one that was added since gets its own. */
  const proofs = async (organisation: OrganisationId): Promise<readonly DomainProofRow[]> => {
    const domains = (await ports.domains(organisation)).slice(0, MOST_DOMAINS).map(({ name }) => name);
    const rows = await database.tenant([organisation], 'app', async (tx) => {
      const before = await domainProofs(tx, organisation);
      const without = domains.filter((name) => !before.some(({ domain }) => domain === name));
      for (const name of without)
        await ensureProof(tx, organisation, name, randomBytes(24).toString('base64url'), clock.now());
      return without.length === 0 ? before : domainProofs(tx, organisation);
    });
    return rows.filter(({ domain }) => domains.includes(domain));
  };
  return {
    async score({ organisation }) {
      const [facts, rows, vouched] = await Promise.all([
        ports.facts(organisation),
        proofs(organisation),
        database.tenant([organisation], 'app', (tx) => attestations(tx, organisation)),
      ]);
      const proved = new Set(rows.filter(({ proved_at: at }) => at !== null).map(({ domain }) => domain));
      const domains = ports.live() ? await published(organisation, proved) : [];
      const attested = new Set(vouched.map(({ code }) => code));
      return { ...scoreOf({ ...facts, now: clock.now(), domains, attested }), attestations: vouched };
    },
    async domainProofs({ organisation }) {
      return (await proofs(organisation)).map(view);
    },
    async checkDomain(caller, domain) {
      const { organisation } = caller;
      if (!ports.live()) throw new Refusal('wrong-state', { reason: 'sandbox' });
      const row = (await proofs(organisation)).find((one) => one.domain === domain);
      if (row === undefined) throw new Refusal('not-found');
      const outcome = await askFor(ports, row);
      const at = clock.now();
      await database.tenant([organisation], 'app', async (tx) => {
        await settleProof(tx, organisation, domain, outcome, at);
        await audit.append(tx, doneBy(caller, 'domain.ownership-checked', { details: { domain, outcome } }));
      });
      const after = (await proofs(organisation)).find((one) => one.domain === domain);
      return view(after ?? row);
    },
    async attest(caller, code) {
      requireAttestable(code);
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        await putAttestation(tx, organisation, code, actor, clock.now());
        await audit.append(tx, doneBy(caller, 'security-check.attested', { details: { check: code } }));
      });
    },
    async withdraw(caller, code) {
      requireAttestable(code);
      const { organisation } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await withdrawAttestation(tx, organisation, code, clock.now()))) return;
        await audit.append(tx, doneBy(caller, 'security-check.withdrawn', { details: { check: code } }));
      });
    },
    async checkDomains(organisation) {
      if (!ports.live()) return;
      for (const row of await proofs(organisation)) await recheck(ports, organisation, row);
    },
  };
}

function requireAttestable(code: string): void {
  if (!CHECKS.some((one) => one.code === code && one.attestable)) throw new Refusal('not-found');
}

/** What changes is on record: a domain that was proved and is not any more may be somebody else's now. */
async function recheck(
  ports: SecurityScorePorts,
  organisation: OrganisationId,
  row: DomainProofRow,
): Promise<void> {
  const outcome = await askFor(ports, row);
  const was = row.proved_at !== null;
  await ports.database.tenant([organisation], 'worker', async (tx) => {
    await settleProof(tx, organisation, row.domain, outcome, ports.clock.now());
    if (outcome === 'dns-failed' || was === (outcome === 'proved')) return;
    await ports.audit.append(tx, {
      ...{ organisation, action: 'domain.ownership-checked', actor: SYSTEM, result: 'done', subjects: [] },
      ...{ origin: { address: null, channel: 'worker' }, sealedReference: null, request: null },
      details: { domain: row.domain, outcome, loosened: was ? 'lost' : null },
    });
  });
}

async function askFor(ports: SecurityScorePorts, { domain, token }: DomainProofRow): Promise<ProofOutcome> {
  const { name, value } = proofRecord(domain, token);
  const looked = await ports.resolver().txt(name);
  if (looked.kind === 'failed') return 'dns-failed';
  return looked.kind === 'found' && looked.records.some((one) => one.trim() === value)
    ? 'proved'
    : 'not-found';
}

function view({ domain, token, proved_at, checked_at, outcome }: DomainProofRow): DomainProof {
  return { domain, record: proofRecord(domain, token), provedAt: proved_at, checkedAt: checked_at, outcome };
}

/** DNS is asked once a minute for an organisation, however often the page is looked at. */
function keptPublished(ports: SecurityScorePorts) {
  const kept = new Map<OrganisationId, { readonly at: number; readonly domains: Promise<DomainFacts[]> }>();
  const look = async (organisation: OrganisationId): Promise<DomainFacts[]> => {
    const domains = (await ports.domains(organisation)).slice(0, MOST_DOMAINS);
    return Promise.all(
      domains.map(async ({ name, dkim }) => ({
        ...{ name, proved: false },
        ...(await lookAtDomain(ports.resolver(), name, dkim)),
      })),
    );
  };
  return async (organisation: OrganisationId, proved: ReadonlySet<string>): Promise<DomainFacts[]> => {
    const now = ports.clock.monotonic();
    let found = kept.get(organisation);
    if (found === undefined || now - found.at > KEPT_MS) {
      if (kept.size >= MOST_KEPT) kept.clear();
      found = { at: now, domains: look(organisation) };
      kept.set(organisation, found);
      // A fault is no answer.
      found.domains.catch(() => kept.delete(organisation));
    }
    return (await found.domains).map((one) => ({ ...one, proved: proved.has(one.name) }));
  };
}
