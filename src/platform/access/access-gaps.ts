import type { Permission } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Candidate, countUnused, readCandidates } from './access-gaps.store.ts';
import { readFactors } from './factor.store.ts';
import { readRoleContents } from './grants.ts';
import type { AccessPorts } from './ports.ts';
import { demandOn } from './require-factors.ts';
import { readSignInPolicy } from './sign-in-policy.store.ts';
import { levelFor, type SignInRule, signInRuleOf, wouldDo } from './sign-in-policy.ts';

/** What is open in who may come in; numbers alone. */
export interface AccessGaps {
  /** Accounts with a passphrase that nobody used for so many days, and that are older. */
  unused(organisation: OrganisationId, days: number): Promise<number>;
  /** People who hold no factor of the strength that the organisation demands of their roles. */
  weakFactors(organisation: OrganisationId): Promise<number>;
  /** Whether passphrases are compared with a list of breached ones. */
  readonly breachedList: boolean;
}

const DAY_MS = 86_400_000;
/** Looked at one by one; of an organisation with more of them in doubt, the others count as lacking. */
const MOST_LOOKED_AT = 100;

export function createAccessGaps(ports: AccessPorts): AccessGaps {
  const { database, clock, breached } = ports;
  return {
    breachedList: breached !== null,
    unused: (organisation, days) =>
      database.tenant([organisation], 'app', (tx) =>
        countUnused(tx, organisation, new Date(clock.now().getTime() - days * DAY_MS)),
      ),
    weakFactors: (organisation) =>
      database.tenant([organisation], 'app', (tx) => weakFactors(ports, tx, organisation)),
  };
}

async function weakFactors(ports: AccessPorts, tx: Transaction, organisation: OrganisationId) {
  const policy = await readSignInPolicy(tx, organisation);
  if (policy === undefined) return 0;
  const rule = signInRuleOf(policy.rule);
  const levels = [rule.everyone, rule.administrators, ...rule.roles.map(({ level }) => level)];
  if (levels.every((level) => level === 'any')) return 0;
  // A passkey is phishing-resistant; whether it is bound to its device is seen one by one.
  const all = levels.includes('device-bound');
  const candidates = await readCandidates(tx, organisation, ports.clock.now(), all);
  const doubtful = await demanded(tx, organisation, rule, candidates);
  let lacking = Math.max(0, doubtful.length - MOST_LOOKED_AT);
  for (const { identity } of doubtful.slice(0, MOST_LOOKED_AT)) {
    const demand = await demandOn(ports, tx, organisation, identity);
    if (demand === undefined || demand.demanded === 'any') continue;
    const factors = await readFactors(tx, identity);
    if (!factors.some((factor) => wouldDo(demand.rule, demand.demanded, factor))) lacking += 1;
  }
  return lacking;
}

/** Of whom more than any two factors is demanded, if neither boundary nor guardrail takes from their roles. */
async function demanded(
  tx: Transaction,
  organisation: OrganisationId,
  rule: SignInRule,
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> {
  const contents = await readRoleContents(
    tx,
    organisation,
    candidates.flatMap(({ roles }) => roles),
  );
  return candidates.filter(({ roles, operator }) => {
    const permissions = new Set<Permission>(operator ? ['installation:operate'] : []);
    for (const role of roles) for (const one of contents.get(role)?.permissions ?? []) permissions.add(one);
    return levelFor(rule, { permissions, roles }) !== 'any';
  });
}
