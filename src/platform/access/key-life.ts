import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type ApiKeyRow, readKeyDays, takeExpiringKeys } from './api-key.store.ts';
import { type AccessPorts, auditEntry } from './ports.ts';

const DAY_MS = 86_400_000;
/** What a new key lives where the organisation said nothing. */
const DEFAULT_DAYS = 365;
const TELL_MS = 14 * DAY_MS;

export async function longestDays(tx: Transaction, organisation: OrganisationId): Promise<number> {
  return (await readKeyDays(tx, organisation)) ?? DEFAULT_DAYS;
}

/** When a new key ends: as asked, or as late as the rule allows. Refusal `invalid` for later than that. */
export async function endOfLife(
  tx: Transaction,
  organisation: OrganisationId,
  wanted: Date | null,
  now: Date,
): Promise<Date> {
  const latest = new Date(now.getTime() + (await longestDays(tx, organisation)) * DAY_MS);
  // A day more: forms name the end of a day, in whatever time zone.
  if (wanted !== null && wanted.getTime() > latest.getTime() + DAY_MS)
    throw new Refusal('invalid', { path: 'expiresAt', reason: 'too-late' });
  return wanted ?? latest;
}

/** A successor lives as long as its predecessor was given, within the rule of today. */
export async function successorEnd(
  tx: Transaction,
  row: Pick<ApiKeyRow, 'organisation' | 'created_at' | 'expires_at'>,
  now: Date,
): Promise<Date> {
  const latest = now.getTime() + (await longestDays(tx, row.organisation)) * DAY_MS;
  const given =
    row.expires_at === null ? latest : now.getTime() + row.expires_at.getTime() - row.created_at.getTime();
  return new Date(Math.min(latest, given));
}

/** Puts each key that ends within 14 days on record once. */
export async function tellExpiring(
  { audit, clock }: Pick<AccessPorts, 'audit' | 'clock'>,
  tx: Transaction,
  organisation: OrganisationId,
): Promise<number> {
  const now = clock.now();
  const keys = await takeExpiringKeys(tx, organisation, now, new Date(now.getTime() + TELL_MS));
  const from = { origin: { address: null, channel: 'worker' }, request: null } as const;
  for (const { id, expires_at } of keys) {
    const entry = {
      ...{ organisation, action: 'api-key.expires-soon' },
      actor: { kind: 'system', component: 'key-expiry' },
      subjects: [{ kind: 'api-key', id }],
      details: { days: Math.ceil((expires_at.getTime() - now.getTime()) / DAY_MS) },
    } as const;
    await audit.append(tx, auditEntry(from, entry));
  }
  return keys.length;
}
