import { z } from 'zod';
import { type Caller, PERMISSIONS } from '#core/actor';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { insertRulesRow, readRulesRow } from './access-rules.store.ts';
import {
  ACCESS_EFFECTS,
  type AccessFacts,
  type AccessJudgement,
  type AccessRule,
  judgeAccess,
  RULE_MODES,
} from './judge-access.ts';
import { localTime } from './local-time.ts';
import { isNetwork } from './network-key.ts';
import { type AccessPorts, auditEntry } from './ports.ts';
import { listSignIns } from './sign-in-record.store.ts';

const names = z.array(z.string().min(1).max(64)).min(1).max(50);
const minuteOfDay = z.int().min(0).max(1439);

const conditionsSchema = z
  .strictObject({
    roles: names,
    groups: z.array(z.uuid()).min(1).max(50),
    permissions: z.array(z.enum(PERMISSIONS)).min(1).max(50),
    networks: z.strictObject({
      except: z.boolean(),
      list: z
        .array(
          z
            .string()
            .max(64)
            .refine(isNetwork, { params: { code: 'network' } }),
        )
        .min(1)
        .max(100),
    }),
    countries: z.strictObject({
      except: z.boolean(),
      list: z
        .array(z.string().regex(/^[A-Z]{2}$/))
        .min(1)
        .max(250),
    }),
    device: z.enum(['new', 'not-trusted', 'trusted']),
    posture: z.enum(['compliant', 'not-compliant']),
    hours: z.strictObject({
      except: z.boolean(),
      days: z.array(z.int().min(1).max(7)).min(1).max(7),
      from: minuteOfDay,
      to: z.int().min(1).max(1440),
    }),
    riskAtLeast: z.int().min(1).max(100),
    factors: z.strictObject({ except: z.boolean(), list: names }),
  })
  .partial()
  .meta({ id: 'AccessConditions' });

export const accessRuleSchema = z
  .strictObject({
    id: z.uuid(),
    name: z.string().trim().min(1).max(100),
    mode: z.enum(RULE_MODES),
    effect: z.enum(ACCESS_EFFECTS),
    when: conditionsSchema,
  })
  .meta({ id: 'AccessRule' });
export const accessRulesSchema = z.array(accessRuleSchema).max(50);

/** What stays the same for a session while its requests are judged. */
export interface Standing {
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly device: AccessFacts['device'];
  readonly risk: number;
  readonly factors: readonly string[];
  readonly timeZone: string;
}

/** Parsed rules, without the keys that zod gives as undefined. */
function plainRules(parsed: z.output<typeof accessRulesSchema>): readonly AccessRule[] {
  return parsed.map((rule) => ({
    ...rule,
    when: Object.fromEntries(Object.entries(rule.when).filter(([, value]) => value !== undefined)),
  }));
}

export async function readRules(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<{ readonly version: number; readonly rules: readonly AccessRule[] }> {
  const row = await readRulesRow(tx, organisation);
  if (row === undefined) return { version: 0, rules: [] };
  return { version: row.version, rules: plainRules(accessRulesSchema.parse(row.rules)) };
}

/** The facts of one moment; the local time is reckoned only where a rule asks for it. */
export function factsNow(
  standing: Standing,
  moment: {
    readonly permission: string | null;
    readonly address: string | null;
    readonly country: string | null;
    readonly posture: string | null;
    readonly at: Date;
  },
): AccessFacts {
  const { timeZone, ...kept } = standing;
  const { permission, address, country, posture } = moment;
  return { ...kept, permission, address, country, posture, ...localTime(moment.at, timeZone) };
}

/** Judges a request of a session; null where there are no rules. */
export function judgeMoment(
  rules: readonly AccessRule[],
  standing: Standing,
  moment: Parameters<typeof factsNow>[1],
): AccessJudgement | null {
  return rules.length === 0 ? null : judgeAccess(factsNow(standing, moment), rules);
}

type RulePorts = Pick<AccessPorts, 'database' | 'audit' | 'clock'>;

/** The country of a network address; null where it is not known. */
export function countryOf({ placeOf }: Pick<AccessPorts, 'placeOf'>, address: string | null): string | null {
  return address === null ? null : (placeOf?.(address)?.country ?? null);
}

/**
 * Puts a set of rules in force, against the version that was read. Writes `access-rules.changed`. Refusals
 * `version-conflict`, and `wrong-state` with reason `locks-you-out` when the rules would deny the person who saves them at
 * this moment and they did not confirm that they want it.
 */
export async function changeRules(
  ports: RulePorts & Pick<AccessPorts, 'placeOf'>,
  caller: Caller,
  change: {
    readonly version: number;
    readonly rules: z.output<typeof accessRulesSchema>;
    readonly confirm: boolean;
    readonly standing: Standing | null;
  },
): Promise<number> {
  const { database, audit, clock } = ports;
  const { organisation, actor, origin } = caller;
  const rules = plainRules(change.rules);
  const at = clock.now();
  if (change.standing !== null && !change.confirm) {
    const { address } = origin;
    const country = countryOf(ports, address);
    const posture = origin.browser?.posture ?? null;
    for (const permission of [null, 'access-rules:write']) {
      const judged = judgeMoment(rules, change.standing, { permission, address, country, posture, at });
      if (judged?.decision !== 'deny') continue;
      const rule = judged.reasons.find(({ effect, mode }) => effect === 'deny' && mode === 'enforce');
      throw new Refusal('wrong-state', { reason: 'locks-you-out', rule: rule?.name ?? '' });
    }
  }
  const version = change.version + 1;
  await database.tenant([organisation], 'app', async (tx) => {
    const { version: standing } = await readRules(tx, organisation);
    const by = actor.kind === 'person' ? actor.identity : null;
    const stored =
      standing === change.version && (await insertRulesRow(tx, { organisation, version, rules, at, by }));
    if (!stored) throw new Refusal('version-conflict');
    const count = (mode: AccessRule['mode']): number => rules.filter((rule) => rule.mode === mode).length;
    const details = {
      version,
      enforced: count('enforce'),
      tried: count('dry-run'),
      confirmed: change.confirm,
    };
    const subjects = [{ kind: 'organisation', id: organisation }];
    const entry = { organisation, action: 'access-rules.changed', actor, subjects, details };
    await audit.append(tx, auditEntry(caller, entry));
  });
  return version;
}

/** Where a set of rules would have decided otherwise than was decided. */
export interface ReplayedSignIn {
  readonly id: string;
  readonly identity: string;
  readonly at: Date;
  readonly was: string;
  readonly wouldBe: AccessJudgement['decision'];
  readonly rules: readonly string[];
}

const factsSchema = z.object({
  roles: z.array(z.string()),
  groups: z.array(z.string()),
  permission: z.string().nullable(),
  address: z.string().nullable(),
  // Sign-ins of releases that knew no countries have none.
  country: z.string().nullable().default(null),
  device: z.enum(['new', 'known', 'trusted']),
  posture: z.string().nullable(),
  day: z.number(),
  minute: z.number(),
  risk: z.number(),
  factors: z.array(z.string()),
});
const MOST_REPLAYED = 2_000;

/** Tries rules, those on trial as if they were in force, on the sign-ins of the last days (at most the newest 2,000). */
export async function replayRules(
  { database, clock }: RulePorts,
  organisation: OrganisationId,
  given: z.output<typeof accessRulesSchema>,
  days: number,
): Promise<{ readonly signIns: number; readonly changed: readonly ReplayedSignIn[] }> {
  const rules = plainRules(given);
  const since = new Date(clock.now().getTime() - days * 86_400_000);
  const rows = await database.tenant([organisation], 'app', (tx) =>
    listSignIns(tx, organisation, null, since, MOST_REPLAYED),
  );
  const changed = rows.flatMap((row): ReplayedSignIn[] => {
    const { wouldBe, reasons } = judgeAccess(factsSchema.parse(row.facts), rules);
    if (wouldBe === row.decision) return [];
    const names = reasons.filter(({ effect }) => effect !== 'alert').map(({ name }) => name);
    return [{ id: row.id, identity: row.identity, at: row.at, was: row.decision, wouldBe, rules: names }];
  });
  return { signIns: rows.length, changed };
}
