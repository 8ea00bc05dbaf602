import type { Actor } from '#core/actor';
import type { OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Looking } from '../place.ts';
import { PLACES, placeValues, shows } from '../scope.store.ts';
import type { DelegationRules } from './rules.ts';

export type DelegationMode = 'off' | 'beside' | 'only';

export interface DelegationRow {
  readonly id: string;
  readonly name: string;
  readonly mode: DelegationMode;
  readonly settings: Buffer;
  readonly rules: DelegationRules;
  readonly changed_by: Actor;
  readonly created_at: Date;
  readonly changed_at: Date;
}

/** The organisation's setting. `share` keeps it as it is until the transaction ends: for whoever starts a session by it. */
export function readDelegation(
  tx: Transaction,
  organisation: OrganisationId,
  lock: 'none' | 'share' | 'update' = 'none',
): Promise<DelegationRow | undefined> {
  const locking = { none: '', share: 'for share', update: 'for update' }[lock];
  return tx.maybe<DelegationRow>({
    name: `portal-delegation-read-${lock}`,
    text: `select id, name, mode, settings, rules, changed_by, created_at, changed_at from sealpost.portal_delegation
           where organisation = $1 and removed_at is null ${locking}`,
    values: [organisation],
  });
}

/** What pages need of it, where it is on; in any transaction of the organisation. */
export function readDoor(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<{ id: string; name: string; mode: 'beside' | 'only'; strong: boolean } | undefined> {
  return tx.maybe({
    name: 'portal-delegation-door',
    text: `select id, name, mode, jsonb_array_length(rules -> 'strong') > 0 as strong from sealpost.portal_delegation
           where organisation = $1 and removed_at is null and mode <> 'off'`,
    values: [organisation],
  });
}

export async function insertDelegation(
  tx: Transaction,
  organisation: OrganisationId,
  row: DelegationRow,
): Promise<void> {
  await tx.execute({
    name: 'portal-delegation-insert',
    text: `insert into sealpost.portal_delegation
             (id, organisation, name, mode, settings, rules, changed_by, created_at, changed_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      row.id,
      organisation,
      row.name,
      row.mode,
      row.settings,
      JSON.stringify(row.rules),
      JSON.stringify(row.changed_by),
      row.created_at,
      row.changed_at,
    ],
  });
}

export async function updateDelegation(
  tx: Transaction,
  organisation: OrganisationId,
  row: DelegationRow,
): Promise<void> {
  await tx.execute({
    name: 'portal-delegation-update',
    text: `update sealpost.portal_delegation
           set name = $3, mode = $4, settings = $5, rules = $6, changed_by = $7, changed_at = $8
           where organisation = $1 and id = $2 and removed_at is null`,
    values: [
      organisation,
      row.id,
      row.name,
      row.mode,
      row.settings,
      JSON.stringify(row.rules),
      JSON.stringify(row.changed_by),
      row.changed_at,
    ],
  });
}

/** Takes it away with its secrets and whose account is whose. Undefined where there is none. */
export async function removeDelegation(
  tx: Transaction,
  organisation: OrganisationId,
  at: Date,
): Promise<string | undefined> {
  const removed = await tx.maybe<{ id: string }>({
    name: 'portal-delegation-remove',
    text: `update sealpost.portal_delegation set removed_at = $2, mode = 'off', settings = ''
           where organisation = $1 and removed_at is null returning id`,
    values: [organisation, at],
  });
  if (removed === undefined) return undefined;
  await deleteAccounts(tx, organisation);
  return removed.id;
}

/** Forgets whose account is whose; how many that were. */
export function deleteAccounts(tx: Transaction, organisation: OrganisationId): Promise<number> {
  return tx.execute({
    name: 'portal-accounts-remove',
    text: 'delete from sealpost.portal_account where organisation = $1',
    values: [organisation],
  });
}

/** Whose it is; over all organisations, ids only. In a system transaction. */
export async function findDelegation(tx: Transaction, id: string): Promise<OrganisationId | null> {
  const row = await tx.maybe<{ organisation: OrganisationId }>({
    name: 'portal-delegation-find',
    text: 'select organisation from sealpost.find_portal_delegation($1)',
    values: [id],
  });
  return row?.organisation ?? null;
}

/** The one of an installation that has a single organisation, where it is on. In a system transaction. */
export function findOnlyDelegation(
  tx: Transaction,
): Promise<{ organisation: OrganisationId; delegation: string } | undefined> {
  return tx.maybe({
    name: 'portal-delegation-only',
    text: 'select organisation, delegation from sealpost.only_portal_delegation()',
    values: [],
  });
}

export async function setAccount(
  tx: Transaction,
  organisation: OrganisationId,
  account: Buffer,
  address: Buffer,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'portal-account-set',
    text: `insert into sealpost.portal_account (organisation, account_index, address_index, set_at)
           values ($1, $2, $3, $4)
           on conflict (organisation, account_index) do update set address_index = $3, set_at = $4`,
    values: [organisation, account, address, at],
  });
}

export function deleteAccount(
  tx: Transaction,
  organisation: OrganisationId,
  account: Buffer,
): Promise<number> {
  return tx.execute({
    name: 'portal-account-delete',
    text: 'delete from sealpost.portal_account where organisation = $1 and account_index = $2',
    values: [organisation, account],
  });
}

/** The address, as its keyed index, that an account at the portal stands for. */
export async function addressOfAccount(
  tx: Transaction,
  organisation: OrganisationId,
  account: Buffer,
): Promise<Buffer | null> {
  const row = await tx.maybe<{ address: Buffer }>({
    name: 'portal-account-find',
    text: `select address_index as address from sealpost.portal_account
           where organisation = $1 and account_index = $2`,
    values: [organisation, account],
  });
  return row?.address ?? null;
}

/** Ends sessions that came by a delegation: all, those of one of its people, or one session of theirs. Returns whose they were. */
export function endDelegatedSessions(
  tx: Transaction,
  of: { readonly delegation: string; readonly subject: Buffer | null; readonly sid: Buffer | null },
  at: Date,
): Promise<{ person: PortalPersonId }[]> {
  return tx.query({
    name: 'portal-sessions-delegated-end',
    text: `update sealpost.portal_session set ended_at = $2
           where delegation = $1 and ended_at is null and expires_at > $2
             and ($3::bytea is null or delegation_subject = $3) and ($4::bytea is null or delegation_sid = $4)
           returning person`,
    values: [of.delegation, at, of.subject, of.sid],
  });
}

/** Ends sessions that came by a delegation to the people of these addresses. Returns how many. */
export function endDelegatedSessionsAt(
  tx: Transaction,
  of: { readonly organisation: OrganisationId; readonly delegation: string },
  addresses: readonly Buffer[],
  at: Date,
): Promise<number> {
  return tx.execute({
    name: 'portal-sessions-delegated-end-at',
    text: `update sealpost.portal_session s set ended_at = $4
           from sealpost.portal_person p
           where p.organisation = $1 and p.address_index = any ($3::bytea[])
             and s.organisation = p.organisation and s.person = p.id
             and s.delegation = $2 and s.ended_at is null and s.expires_at > $4`,
    values: [of.organisation, of.delegation, addresses, at],
  });
}

/**
 * The message that a deep link names, by its id in the record or its entry's, where one of these places shows it; the
 * person's own before those of others.
 */
export async function locateTarget(
  tx: Transaction,
  places: readonly Looking[],
  target: string,
  now: Date,
): Promise<PortalItemId | null> {
  const row = await tx.maybe<{ id: PortalItemId }>({
    name: 'portal-delegation-target',
    text: `select i.id from ${PLACES} join sealpost.portal_item i on ${shows('$6')}
           where i.id = $5 or i.message = $5 order by p.grant_id nulls first, i.id desc limit 1`,
    values: [...placeValues(places), target, now],
  });
  return row?.id ?? null;
}
