import type { DeliveryId, MessageId, OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { SensitivityClass } from '#core/method';
import type { Transaction } from '#platform/database';
import type { Looking } from './place.ts';
import { PLACES, placeValues, STATE, shows } from './scope.store.ts';

export type ItemState = 'waiting' | 'read' | 'expired' | 'retracted';

export interface ItemRow {
  readonly id: PortalItemId;
  readonly person: PortalPersonId;
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  readonly state: ItemState;
  readonly expiresAt: Date;
  readonly firstReadAt: Date | null;
  readonly createdAt: Date;
  /** Id of the conversation's first entry; its own where it is alone. */
  readonly thread: string;
  readonly level: SensitivityClass;
  /** Wrong answers to the question so far. */
  readonly wrongAnswers: number;
  /** When too many wrong answers ended access; null while it stands. */
  readonly lockedAt: Date | null;
}

/** The state a reader sees: what is past its time has expired, whether or not the sweeper was there already. */
export function shownState(state: ItemState, expiresAt: Date, now: Date): ItemState {
  return (state === 'waiting' || state === 'read') && expiresAt <= now ? 'expired' : state;
}

/** The newest entry of a conversation. */
export interface ListedEntry {
  readonly id: PortalItemId;
  readonly organisation: OrganisationId;
  /** The grant that it is seen by; null for the reader's own. */
  readonly grant: string | null;
  readonly state: ItemState;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly objectKey: Buffer;
  /** Null where the entry is a letter of the person's own. */
  readonly copy: string | null;
  /** Summary of the copy, or body of the letter. */
  readonly sealed: Buffer | null;
  /** Class of the copy; `ordinary` for a letter of the person's own. */
  readonly level: SensitivityClass;
  /** Messages in this conversation, and those of them not opened yet. */
  readonly messages: number;
  readonly unread: number;
  /** What to open first: the oldest that was not opened yet. */
  readonly firstUnread: PortalItemId | null;
}

const columns = (state: string): string => `i.id, i.person, i.message, i.delivery, ${state} as state,
  i.expires_at as "expiresAt", i.first_read_at as "firstReadAt", i.created_at as "createdAt",
  coalesce(i.thread, i.id) as thread, i.wrong_answers as "wrongAnswers", i.locked_at as "lockedAt",
  coalesce((select c.class from sealpost.portal_copy c where c.organisation = i.organisation and c.message = i.message),
    'high') as level`;

/** Makes the entry, or gives a delivery that has one a new link. Returns its id. */
export async function upsertItem(
  tx: Transaction,
  item: {
    readonly id: PortalItemId;
    readonly organisation: OrganisationId;
    readonly person: PortalPersonId;
    readonly message: MessageId;
    readonly delivery: DeliveryId;
    readonly linkHash: Buffer;
    readonly expiresAt: Date;
    readonly at: Date;
    readonly thread: string | null;
    readonly messageKey: Buffer;
  },
): Promise<PortalItemId> {
  const row = await tx.one<{ id: PortalItemId }>({
    name: 'portal-item-upsert',
    text: `insert into sealpost.portal_item
             (id, organisation, person, message, delivery, link_hash, expires_at, created_at, thread, message_key)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
           on conflict (delivery) do update set link_hash = excluded.link_hash returning id`,
    values: [
      item.id,
      item.organisation,
      item.person,
      item.message,
      item.delivery,
      item.linkHash,
      item.expiresAt,
      item.at,
      item.thread,
      item.messageKey,
    ],
  });
  return row.id;
}

/** From a link's hash to ids, over all organisations. Works in a system transaction. */
export function findLink(
  tx: Transaction,
  hash: Buffer,
): Promise<{ organisation: OrganisationId; item: PortalItemId } | undefined> {
  return tx.maybe({
    name: 'portal-link',
    text: 'select organisation, item from sealpost.find_portal_link($1)',
    values: [hash],
  });
}

export function findItem(tx: Transaction, item: PortalItemId): Promise<ItemRow | undefined> {
  return tx.maybe({
    name: 'portal-item',
    text: `select ${columns('i.state')} from sealpost.portal_item i where i.id = $1`,
    values: [item],
  });
}

/** One entry that this place shows, in the state that its viewer sees; locked when it is about to change. */
export function findItemOf(
  tx: Transaction,
  item: PortalItemId,
  place: Looking,
  now: Date,
  lock: 'lock' | 'read' = 'read',
): Promise<ItemRow | undefined> {
  return tx.maybe({
    name: `portal-item-of-${lock}`,
    text: `select ${columns(STATE)} from ${PLACES} join sealpost.portal_item i on ${shows('$6')}
           where i.id = $5 ${lock === 'lock' ? 'for update of i' : ''}`,
    values: [...placeValues([place]), item, now],
  });
}

/** In which of these places an entry is shown; the person's own before those of others. Ids only. */
export function locateItem(
  tx: Transaction,
  places: readonly Looking[],
  item: string,
  now: Date,
): Promise<{ organisation: OrganisationId; grant: string | null } | undefined> {
  return tx.maybe({
    name: 'portal-item-locate',
    text: `select p.organisation, p.grant_id as grant from ${PLACES} join sealpost.portal_item i on ${shows('$6')}
           where i.id = $5 order by p.grant_id nulls first limit 1`,
    values: [...placeValues(places), item, now],
  });
}

/** The newest entry of each conversation in these places, newest first, below `before`. */
export function listEntries(
  tx: Transaction,
  places: readonly Looking[],
  page: { readonly before: string | null; readonly most: number; readonly now: Date },
): Promise<ListedEntry[]> {
  return tx.query({
    name: 'portal-entries',
    text: `with place as (select * from ${PLACES}), entry as (
             select i.id, i.organisation, i.person, p.grant_id, p.caregiver, coalesce(i.thread, i.id) as thread,
               ${STATE} = 'waiting' and i.expires_at > $7 as unread
             from place p join sealpost.portal_item i on ${shows('$7')}
             union all
             select r.id, r.organisation, r.person, p.grant_id, p.caregiver, r.id, false
             from place p join sealpost.portal_reply r on r.organisation = p.organisation and r.person = p.person
             where p.grant_id is null and r.item is null and r.state <> 'refused' and r.destroyed_at is null
               and r.expires_at > $7
           ), conversation as (
             select organisation, person, grant_id, caregiver, thread, (array_agg(id order by id desc))[1] as id,
               count(*)::integer as messages, (count(*) filter (where unread))::integer as unread,
               (array_agg(id order by id) filter (where unread))[1] as first_unread
             from entry group by organisation, person, grant_id, caregiver, thread
           )
           select p.id, p.organisation, p.grant_id as grant, coalesce(${STATE}, 'read') as state,
             coalesce(i.expires_at, r.expires_at) as "expiresAt", coalesce(i.created_at, r.created_at) as "createdAt",
             coalesce(c.object_key, r.object_key) as "objectKey", c.id as copy,
             case when c.id is null then r.body else c.summary end as sealed, p.messages, p.unread,
             p.first_unread as "firstUnread",
             case when i.id is null then 'ordinary' else coalesce(c.class, 'high') end as level
           from conversation p
             left join sealpost.portal_item i on i.organisation = p.organisation and i.id = p.id
             left join sealpost.portal_copy c on c.organisation = i.organisation and c.message = i.message
             left join sealpost.portal_reply r on r.organisation = p.organisation and r.id = p.id
           where p.id < coalesce($5::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
           order by p.id desc limit $6`,
    values: [...placeValues(places), page.before, page.most, page.now],
  });
}

/** First opening by a caregiver. False where the recipient or a caregiver had opened it: then its sender knows. */
export async function markReadByCaregiver(tx: Transaction, item: PortalItemId, at: Date): Promise<boolean> {
  const changed = await tx.execute({
    name: 'portal-item-caregiver-read',
    text: `update sealpost.portal_item
           set caregiver_read_at = $2, unread_reported_at = coalesce(unread_reported_at, $2)
           where id = $1 and caregiver_read_at is null and first_read_at is null`,
    values: [item, at],
  });
  return changed === 1;
}

export async function markRead(tx: Transaction, item: PortalItemId, at: Date): Promise<boolean> {
  const changed = await tx.execute({
    name: 'portal-item-read',
    text: `update sealpost.portal_item set state = 'read', first_read_at = $2 where id = $1 and state = 'waiting'`,
    values: [item, at],
  });
  return changed === 1;
}

/** Items whose time is over, over all organisations; ids only. Works in a system transaction of the worker. */
export function findExpired(
  tx: Transaction,
  most: number,
): Promise<{ organisation: OrganisationId; item: PortalItemId }[]> {
  return tx.query({
    name: 'portal-items-expired',
    text: 'select organisation, item from sealpost.expired_portal_items($1)',
    values: [most],
  });
}

/** Ends one item that is due; undefined when it has ended already. */
export function expireItem(
  tx: Transaction,
  item: PortalItemId,
  at: Date,
): Promise<{ message: MessageId; delivery: DeliveryId; firstReadAt: Date | null } | undefined> {
  return tx.maybe({
    name: 'portal-item-expire',
    text: `update sealpost.portal_item set state = 'expired'
           where id = $1 and state in ('waiting', 'read') and expires_at <= $2
           returning message, delivery, coalesce(first_read_at, caregiver_read_at) as "firstReadAt"`,
    values: [item, at],
  });
}

/** Ends all items of a message that have not ended. */
export function retractItems(
  tx: Transaction,
  message: MessageId,
): Promise<{ id: PortalItemId; delivery: DeliveryId; firstReadAt: Date | null }[]> {
  return tx.query({
    name: 'portal-items-retract',
    text: `update sealpost.portal_item set state = 'retracted'
           where message = $1 and state in ('waiting', 'read')
           returning id, delivery, coalesce(first_read_at, caregiver_read_at) as "firstReadAt"`,
    values: [message],
  });
}

/** Whether anybody may still open the message. */
export async function anybodyMayOpen(tx: Transaction, message: MessageId): Promise<boolean> {
  const row = await tx.maybe({
    name: 'portal-items-open',
    text: `select 1 as one from sealpost.portal_item where message = $1 and state in ('waiting', 'read') limit 1`,
    values: [message],
  });
  return row !== undefined;
}

/** Items whose sender is to be told that they are unread, over all organisations; ids only. In a system transaction of the worker. */
export function findUnread(
  tx: Transaction,
  now: Date,
  most: number,
): Promise<{ organisation: OrganisationId; item: PortalItemId }[]> {
  return tx.query({
    name: 'portal-items-unread',
    text: 'select organisation, item from sealpost.unread_portal_items($1, $2)',
    values: [now, most],
  });
}

/** Marks one item as reported unread; undefined when it was read, ended or reported in the meantime. */
export function markUnreadReported(
  tx: Transaction,
  item: PortalItemId,
  at: Date,
): Promise<
  { delivery: DeliveryId; message: MessageId; person: PortalPersonId; expiresAt: Date } | undefined
> {
  return tx.maybe({
    name: 'portal-item-unread-reported',
    text: `update sealpost.portal_item set unread_reported_at = $2
           where id = $1 and state = 'waiting' and unread_reported_at is null
           returning delivery, message, person, expires_at as "expiresAt"`,
    values: [item, at],
  });
}

/** Counts one answer to the question, before anybody looks whether it is right. Returns how many there are. */
export async function countWrongAnswer(tx: Transaction, item: PortalItemId): Promise<number> {
  const row = await tx.one<{ answered: number }>({
    name: 'portal-item-answer',
    text: `update sealpost.portal_item set wrong_answers = wrong_answers + 1 where id = $1
           returning wrong_answers as answered`,
    values: [item],
  });
  return row.answered;
}

export async function takeBackWrongAnswers(tx: Transaction, item: PortalItemId): Promise<void> {
  await tx.execute({
    name: 'portal-item-answered',
    text: 'update sealpost.portal_item set wrong_answers = 0 where id = $1 and locked_at is null',
    values: [item],
  });
}

export async function lockItem(tx: Transaction, item: PortalItemId, at: Date): Promise<void> {
  await tx.execute({
    name: 'portal-item-lock',
    text: 'update sealpost.portal_item set locked_at = $2 where id = $1 and locked_at is null',
    values: [item, at],
  });
}

/** Gives access back; undefined where it was not locked, or there is no such delivery of this message. */
export function unlockItem(
  tx: Transaction,
  message: MessageId,
  delivery: DeliveryId,
): Promise<{ id: PortalItemId; person: PortalPersonId } | undefined> {
  return tx.maybe({
    name: 'portal-item-unlock',
    text: `update sealpost.portal_item set locked_at = null, wrong_answers = 0
           where message = $1 and delivery = $2 and locked_at is not null returning id, person`,
    values: [message, delivery],
  });
}

/** True at the first call: from then on the sender has been told. */
export async function markUnprovable(tx: Transaction, item: PortalItemId, at: Date): Promise<boolean> {
  const changed = await tx.execute({
    name: 'portal-item-unprovable',
    text: `update sealpost.portal_item set unprovable_reported_at = $2
           where id = $1 and unprovable_reported_at is null`,
    values: [item, at],
  });
  return changed === 1;
}
