import type { Caller } from '#core/actor';
import { INSTALLATION, type OrganisationId } from '#core/ids';
import { type ApiKey, allOrganisationIds, type Member } from '#platform/access';
import { dnsRecord } from '#platform/keyring';
import { type Channel, type Monitoring, type Rule, SEVERITIES, type Severity } from '#products/monitoring';
import type { Policies } from '#products/policies';
import {
  createSecurityScore,
  type SecurityScore,
  type SystemFacts,
  UNUSED_DAYS,
} from '#products/security-score';
import type { Directory } from './directory.ts';
import type { Foundation } from './foundation.ts';
import type { Job } from './jobs.ts';
import type { PublicAddresses } from './open-system.ts';
import type { World } from './world.ts';

const PAGE = 200;
const MOST_PAGES = 25;
const DAY_MS = 86_400_000;
const LOUD: readonly Severity[] = ['high', 'critical'];

interface Needs {
  readonly foundation: Foundation;
  readonly world: World;
  readonly directory: Directory;
  readonly policies: Policies;
  readonly monitoring: Monitoring;
  readonly addresses: PublicAddresses;
}

/** Gathers what the checks of the secure start look at. */
export function openSecurityScore(needs: Needs): SecurityScore {
  const { foundation, world, directory } = needs;
  const { database, audit, clock, keyring } = foundation;
  return createSecurityScore({
    ...{ database, audit, clock },
    live: () => world.mode() === 'live',
    resolver: () => world.network().resolver,
    async domains(organisation) {
      const { domains } = await directory.facts(organisation);
      return database.tenant([organisation], 'app', (tx) =>
        Promise.all(
          domains.map(async (name) => ({
            name,
            dkim: (await keyring.dkimKeys(tx, organisation, name)).map((key) => {
              const record = dnsRecord(key);
              return { name: record.name, value: record.text };
            }),
          })),
        ),
      );
    },
    facts: (organisation) => systemFacts(needs, organisation),
  });
}

/** Asks for domains' proofs once a day. */
export function securityScoreJobs({ database }: Foundation, score: SecurityScore): readonly Job[] {
  return [
    {
      name: 'check-domain-proofs',
      everyMs: DAY_MS,
      async run() {
        const organisations = await database.system('worker', allOrganisationIds);
        for (const one of organisations) await score.checkDomains(one);
      },
    },
  ];
}

async function systemFacts(needs: Needs, organisation: OrganisationId): Promise<SystemFacts> {
  const { foundation, world, policies, monitoring, addresses } = needs;
  const { config, access } = foundation;
  const caller = readerOf(organisation);
  const [policy, members, keys, channels, recoveryKitIssued, watching, unusedAccounts, weakFactors] =
    await Promise.all([
      policies.current(organisation),
      all<Member>(
        (after) => access.members.list(caller, after, PAGE),
        (one) => one.person.id,
      ),
      all<ApiKey>(
        (before) => access.apiKeys.list(caller, before, PAGE),
        (one) => one.id,
      ),
      monitoring.channels.list(caller),
      kitIssued(foundation),
      monitoring.rules.list(caller),
      access.gaps.unused(organisation, UNUSED_DAYS),
      access.gaps.weakFactors(organisation),
    ]);
  const rules = [policy, ...policy.streams, ...policy.domains, ...policy.recipients];
  const now = foundation.clock.now();
  const inForce = keys.filter(
    (one) => one.revokedAt === null && (one.expiresAt === null || one.expiresAt > now),
  );
  const active = channels.filter((one) => one.active);
  return {
    live: world.mode() === 'live',
    ownTls: { http: config.tls.http !== undefined, smtp: config.tls.smtp !== undefined },
    trustedProxies: config.trustedProxies.length,
    addresses: { console: addresses.console, portal: addresses.portal },
    validatingDns: config.validatingDns !== undefined,
    rootKey: config.rootKey.provider,
    recoveryKitIssued,
    people: members.map(({ roles, factors, canSignIn, createdAt }) => ({
      ...{ administrator: roles.includes('administrator'), passkey: factors.includes('passkey') },
      ...{ canSignIn, since: createdAt },
    })),
    ...{ unusedAccounts, weakFactors, breachedList: access.gaps.breachedList },
    unheardRules: watching.filter((rule) => !heard(rule, active)).length,
    channels: {
      active: active.length,
      tested: active.filter(({ newest }) => newest?.state === 'sent').length,
    },
    // Nothing of the log is deleted by this release.
    auditYears: null,
    policy: {
      waivers: policy.waivers.enabled,
      verified: rules.every(({ tls }) => tls === null || tls.authentication === 'verified'),
      lowering: policy.triggers.lowering && policy.triggers.lower.length > 0,
    },
    apiKeys: {
      withoutExpiry: inForce.filter(({ expiresAt }) => expiresAt === null).length,
      withoutNetwork: inForce.filter(({ networks }) => networks.length === 0).length,
    },
  };
}

/** Whether an incident of this rule would reach somebody; those that are switched off or of less weight need not. */
function heard(rule: Rule, channels: readonly Channel[]): boolean {
  if (!rule.active || LOUD.indexOf(rule.severity) < 0) return true;
  return channels.some(
    ({ id, least }) =>
      (rule.channels === null || rule.channels.includes(id)) &&
      SEVERITIES.indexOf(least) <= SEVERITIES.indexOf(rule.severity),
  );
}

/** The system itself looks: whoever asked holds the permission for the score, which names nobody. */
function readerOf(organisation: OrganisationId): Caller {
  return {
    organisation,
    actor: { kind: 'system', component: 'security-score' },
    origin: { address: null, channel: 'worker' },
    permissions: new Set(['members:read', 'api-keys:read', 'alerts:read']),
    request: 'security-score',
  };
}

async function all<Row>(
  read: (position: string | null) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
): Promise<Row[]> {
  const rows: Row[] = [];
  let position: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const found: readonly Row[] = await read(position);
    rows.push(...found);
    const last = found.at(-1);
    if (found.length < PAGE || last === undefined) break;
    position = idOf(last);
  }
  return rows;
}

const MOST_AUDIT_PAGES = 10;

/** The installation's own log says whether the kit was ever handed out. */
async function kitIssued({ database, audit }: Foundation): Promise<boolean> {
  return database.tenant([INSTALLATION], 'app', async (tx) => {
    let cursor: string | null = null;
    for (let page = 0; page < MOST_AUDIT_PAGES; page += 1) {
      const query = { cursor, limit: 1, action: 'recovery-kit.issued', result: 'done' } as const;
      const found: Awaited<ReturnType<typeof audit.list>> = await audit.list(tx, INSTALLATION, query);
      if (found === null) return false;
      if (found.lines.some((line) => line.entry !== null)) return true;
      if (found.next === null) return false;
      cursor = found.next;
    }
    return false;
  });
}
