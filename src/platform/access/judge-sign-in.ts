import { createHash } from 'node:crypto';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { readStanding } from './access-rules.store.ts';
import { countryOf, factsNow, readRules } from './access-rules.ts';
import { type DeviceRow, seeDevice } from './device.store.ts';
import { type AccessJudgement, judgeAccess } from './judge-access.ts';
import { networkKey } from './network-key.ts';
import type { AccessPorts, From } from './ports.ts';
import { insertSignIn, listSignIns } from './sign-in-record.store.ts';
import { type EarlierSignIn, type RiskPoint, signInRisk } from './sign-in-risk.ts';
import type { NewSession } from './start-session.ts';

const DAY_MS = 86_400_000;
/** How far back habits are looked for, and how long judged sign-ins are kept for trying rules on them. */
const KEPT_DAYS = 90;
const HABITS = 50;

export interface JudgedSignIn {
  readonly judgement: AccessJudgement;
  readonly device: DeviceRow | null;
  readonly risk: number;
  readonly points: readonly RiskPoint[];
  readonly country: string | null;
}

/** The device behind a browser's key; made at the first sign-in with it. */
export function deviceOf(
  tx: Transaction,
  who: Pick<NewSession, 'identity' | 'organisation'>,
  proofKey: Buffer,
  agent: string | null,
  at: Date,
): Promise<DeviceRow> {
  const keyHash = createHash('sha256').update(proofKey).digest();
  return seeDevice(tx, { id: newId(), ...who, keyHash, agent, at });
}

/** Reckons the risk of a sign-in, judges it by the organisation's rules and keeps it as it was judged. */
export async function judgeSignIn(
  { clock, placeOf }: Pick<AccessPorts, 'clock' | 'placeOf'>,
  tx: Transaction,
  who: NewSession & { readonly roles: readonly string[] },
  signs: { readonly proofKey: Buffer | null; readonly agent: string | null },
  from: From,
): Promise<JudgedSignIn> {
  const at = clock.now();
  const { identity, organisation, factors, roles } = who;
  const since = new Date(at.getTime() - KEPT_DAYS * DAY_MS);
  const { rules } = await readRules(tx, organisation);
  const { groups, timeZone } = await readStanding(tx, organisation, identity);
  const known = await listSignIns(tx, organisation, identity, since, HABITS);
  const person = { identity, organisation };
  const device = signs.proofKey === null ? null : await deviceOf(tx, person, signs.proofKey, signs.agent, at);
  const network = networkKey(from.origin.address);
  const standing = { roles, groups, device: trustOf(device, at), risk: 0, factors, timeZone };
  const { address } = from.origin;
  const posture = from.origin.browser?.posture ?? null;
  const country = countryOf({ placeOf }, address);
  const facts = factsNow(standing, { permission: null, address, country, posture, at });
  const { risk, points } = signInRisk(
    { network, device: device?.id ?? null, agent: signs.agent, minute: facts.minute, country, factors },
    known.map((row) => ({ network: row.network, device: row.device, ...earlierOf(row.facts) })),
  );
  const judged = { ...facts, risk };
  const judgement = judgeAccess(judged, rules);
  await insertSignIn(
    tx,
    {
      id: newId(clock),
      ...person,
      at,
      network,
      device: device?.id ?? null,
      decision: judgement.decision,
      facts: { ...judged, agent: signs.agent, points },
      reasons: judgement.reasons,
    },
    since,
  );
  return { judgement, device, risk, points, country };
}

export function trustOf(device: DeviceRow | null, at: Date): 'new' | 'known' | 'trusted' {
  if (device === null || device.first_seen_at.getTime() === at.getTime()) return 'new';
  return device.trusted_at === null ? 'known' : 'trusted';
}

function earlierOf(facts: unknown): Pick<EarlierSignIn, 'agent' | 'minute' | 'country'> {
  const read = (name: string): unknown =>
    typeof facts === 'object' && facts !== null ? Reflect.get(facts, name) : undefined;
  const [agent, minute, country] = [read('agent'), read('minute'), read('country')];
  return {
    agent: typeof agent === 'string' ? agent : null,
    minute: typeof minute === 'number' ? minute : 0,
    country: typeof country === 'string' ? country : null,
  };
}
