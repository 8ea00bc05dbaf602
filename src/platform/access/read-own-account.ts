import type { IdentityId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { OwnAccount, Owner, OwnFactor } from './account.ts';
import { type FactorRow, readFactors } from './factor.store.ts';
import { membershipsOf, readIdentityRow } from './identity.store.ts';
import { demandOn } from './require-factors.ts';
import type { SignInPorts } from './sign-in-parts.ts';
import { isCurrent, LEVELS, type SignInRule, wouldDo } from './sign-in-policy.ts';
import { maskedNumber, openNumber, telephoneOf } from './texted-code.ts';

type Demand = NonNullable<Awaited<ReturnType<typeof demandOn>>>;

/** What all organisations of a person demand; the transaction must carry them. */
export async function demandsOn(
  ports: SignInPorts,
  tx: Transaction,
  identity: IdentityId,
): Promise<readonly Demand[]> {
  const demands: Demand[] = [];
  for (const home of await membershipsOf(tx, identity)) {
    const demand = await demandOn(ports, tx, home, identity);
    if (demand !== undefined) demands.push(demand);
  }
  return demands;
}

/** Whether a factor is enough for every one of these demands. */
export const meets = (demands: readonly Demand[], factor: FactorRow): boolean =>
  demands.every(({ rule, demanded }) => wouldDo(rule, demanded, factor));

export async function readOwnAccount(ports: SignInPorts, { caller, identity }: Owner): Promise<OwnAccount> {
  const { database, clock } = ports;
  const now = clock.now();
  const homes = await database.system('app', (tx) => membershipsOf(tx, identity));
  return database.tenant(homes, 'app', async (tx) => {
    const [rows, person, demands] = [
      await readFactors(tx, identity),
      await readIdentityRow(tx, identity),
      await demandsOn(ports, tx, identity),
    ];
    const here = await demandOn(ports, tx, caller.organisation, identity);
    const unmet = demands.filter(
      ({ rule, demanded }) => !rows.some((row) => isCurrent(row, now) && wouldDo(rule, demanded, row)),
    );
    const times = unmet.map(({ graceUntil }) => graceUntil.getTime());
    const strictest = Math.max(0, ...demands.map(({ demanded }) => LEVELS.indexOf(demanded)));
    return {
      factors: await Promise.all(
        rows
          .filter(({ kind }) => kind !== 'recovery-code')
          .map((row) => shown(ports, row, isCurrent(row, now) && meets(demands, row))),
      ),
      recoveryCodesLeft: rows.filter(({ kind }) => kind === 'recovery-code').length,
      passphraseChangedAt: person?.passphrase_hash == null ? null : person.passphrase_changed_at,
      mayAdd: mayAdd(here?.rule, rows),
      demanded: LEVELS[strictest] ?? 'any',
      dueBy: times.length === 0 ? null : new Date(Math.min(...times)),
    };
  });
}

/** What the organisation of the session lets people add; of telephones one is enough. */
function mayAdd(rule: SignInRule | undefined, held: readonly FactorRow[]): OwnAccount['mayAdd'] {
  const text = rule?.textedCode === true && telephoneOf(held) === undefined;
  const card = rule !== undefined && rule.certificate !== 'off';
  return [
    ...(['passkey', 'totp'] as const),
    ...(card ? (['certificate'] as const) : []),
    ...(text ? (['texted-code'] as const) : []),
  ];
}

async function shown({ vault }: SignInPorts, row: FactorRow, enough: boolean): Promise<OwnFactor> {
  if (row.kind === 'recovery-code') throw new Error('recovery codes are counted, not shown');
  return {
    id: row.id,
    kind: row.kind,
    label: row.label,
    number: row.kind === 'texted-code' ? maskedNumber(await openNumber(vault, row)) : null,
    addedAt: row.created_at,
    lastUsedAt: row.last_used_at,
    phishingResistant: row.kind === 'passkey' || row.kind === 'certificate',
    deviceBound: row.kind === 'passkey' ? row.device_bound : null,
    expiresAt: row.expires_at,
    enough,
  };
}
