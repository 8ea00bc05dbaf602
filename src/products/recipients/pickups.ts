import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { auditReferenceBinding } from '#core/audit-reference';
import { Refusal } from '#core/errors';
import type { EventType } from '#core/event';
import type {
  DeliveryId,
  EventId,
  MessageId,
  NoticeId,
  OrganisationId,
  PortalItemId,
  TextId,
} from '#core/ids';
import type { Notice } from '#core/notice';
import type { TextNotice } from '#core/text';
import type { Database, Transaction } from '#platform/database';
import { insertEvents, type RecordPorts } from '#platform/record';
import { type Clock, describeFault, type Logger, newId } from '#platform/runtime';
import { KeyMissing, KeyShredded, SealBroken, type Vault } from '#platform/vault';
import {
  endLetter,
  type FollowUpRow,
  followUpsOf,
  insertPickup,
  letterStands,
  listLetters,
  otherAddressOf,
} from './pickup.store.ts';
import type { FallbackKind } from './recipient.store.ts';
import { addressOnRecord, type Fallback, type RecipientRecord, recipientIndex } from './recipient-record.ts';
import type { Recipients } from './recipients.ts';

export interface PickupPorts {
  readonly database: Database;
  readonly vault: Vault;
  readonly audit: RecordPorts['audit'];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recipients: Pick<Recipients, 'record'>;
  /** Lines up a content-free mail in the open transaction. */
  sendNotice(tx: Transaction, notice: Notice, giveUpAt: Date): Promise<void>;
  sendText(tx: Transaction, notice: TextNotice): Promise<boolean>;
  /** When copies were first opened and end. */
  portalViews(
    tx: Transaction,
    organisation: OrganisationId,
    deliveries: readonly DeliveryId[],
  ): Promise<
    readonly { readonly delivery: DeliveryId; readonly firstReadAt: Date | null; readonly expiresAt: Date }[]
  >;
}

/** A copy that nobody opened, as the portal hands it in once its sender was told. */
export interface UnreadCopy {
  readonly organisation: OrganisationId;
  readonly item: PortalItemId;
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  readonly recipient: Address;
  readonly locale: 'en' | 'es';
  readonly expiresAt: Date;
  /** A further link to the copy, which leaves the one in the first notice as it is. */
  newLink(): Promise<string>;
}

export interface PaperLetter {
  readonly id: string;
  readonly address: string;
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  readonly since: Date;
  readonly reason: 'wanted' | 'no-text';
  readonly openedAt: Date | null;
  readonly expiresAt: Date | null;
}

/** Failed pickups (PO-6): how a recipient is written to again, and the letters that staff write. */
export interface Pickups {
  /** Uses the fallback on record, once a copy, in the caller's transaction. Null where none is on record. */
  fallBack(tx: Transaction, copy: UnreadCopy): Promise<FallbackKind | null>;
  /**
   * The other address that sign-in codes for this copy may go to as well: the one its further notice went to, while the record
   * still names it and says that it is the recipient's own.
   */
  codesAlsoTo(
    tx: Transaction,
    organisation: OrganisationId,
    recipient: Address,
    item: PortalItemId,
  ): Promise<Address | null>;
  letters(caller: Caller, before: string | null, limit: number): Promise<readonly PaperLetter[]>;
  letterWritten(caller: Caller, id: string): Promise<void>;
  ofDeliveries(
    tx: Transaction,
    organisation: OrganisationId,
    deliveries: readonly DeliveryId[],
  ): Promise<readonly FollowUpRow[]>;
}

const SYSTEM = { kind: 'system', component: 'recipients' } as const;
const WORKER = { address: null, channel: 'worker' } as const;
const NOTICE_MS = 5 * 86_400_000;

const pickupBinding = (organisation: OrganisationId, row: string) => ({
  organisation,
  field: 'pickup.address',
  row,
});

export function createPickups(ports: PickupPorts): Pickups {
  const { database, vault, clock } = ports;
  return {
    async fallBack(tx, copy) {
      const record = await recordOf(ports, tx, copy);
      if (record === null || record.fallback === null) return null;
      const used = await use(ports, tx, copy, record.fallback);
      const id = newId(clock);
      const { organisation, item, message, delivery } = copy;
      await insertPickup(tx, {
        ...{ id, organisation, item, message, delivery, kind: used.kind, reason: used.reason },
        address: await vault.sealValue(
          'record',
          pickupBinding(organisation, id),
          addressText(copy.recipient),
        ),
        fallbackIndex: used.to === null ? null : await recipientIndex(vault, organisation, used.to),
        at: clock.now(),
      });
      await onRecord(ports, tx, copy, 'delivery.fallback-used', { kind: used.kind, reason: used.reason });
      return used.kind;
    },
    async codesAlsoTo(tx, organisation, recipient, item) {
      const used = await otherAddressOf(tx, organisation, item);
      if (used === undefined) return null;
      const record = await ports.recipients.record(tx, organisation, recipient);
      const fallback = record?.fallback;
      if (fallback?.kind !== 'address' || !fallback.samePerson) return null;
      const address = addressOnRecord(fallback.address);
      return used.equals(await recipientIndex(vault, organisation, address)) ? address : null;
    },
    letters: (caller, before, limit) =>
      database.tenant([caller.organisation], 'app', (tx) => lettersFor(ports, tx, caller, before, limit)),
    async letterWritten(caller, id) {
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        const ended = await endLetter(tx, organisation, id, actor, clock.now());
        if (ended === undefined)
          throw new Refusal((await letterStands(tx, organisation, id)) ? 'wrong-state' : 'not-found');
        await onRecord(
          ports,
          tx,
          { organisation, ...ended },
          'delivery.letter-written',
          { letter: id },
          caller,
        );
      });
    },
    ofDeliveries: followUpsOf,
  };
}

/** Null also where a key of the record is gone: the report to the sender must not wait for it. */
async function recordOf(
  ports: PickupPorts,
  tx: Transaction,
  { organisation, recipient }: UnreadCopy,
): Promise<RecipientRecord | null> {
  try {
    return await ports.recipients.record(tx, organisation, recipient);
  } catch (fault) {
    if (!(fault instanceof KeyShredded || fault instanceof KeyMissing || fault instanceof SealBroken))
      throw fault;
    ports.logger.error('recipient-record-unreadable', { ...describeFault(fault), organisation });
    return null;
  }
}

interface Used {
  readonly kind: FallbackKind;
  readonly reason: 'no-text' | null;
  readonly to: Address | null;
}

async function use(ports: PickupPorts, tx: Transaction, copy: UnreadCopy, fallback: Fallback): Promise<Used> {
  const { organisation, message, delivery, locale, expiresAt } = copy;
  switch (fallback.kind) {
    case 'letter':
      return { kind: 'letter', reason: null, to: null };
    case 'address': {
      const to = addressOnRecord(fallback.address);
      const linkToken = await copy.newLink();
      const body = {
        kind: 'portal-message',
        message,
        delivery,
        linkToken,
        expiresAt,
        elsewhere: true,
      } as const;
      const giveUpAt = Math.min(ports.clock.now().getTime() + NOTICE_MS, expiresAt.getTime());
      const notice = { id: newId(ports.clock) as NoticeId, organisation, to, locale, body };
      await ports.sendNotice(tx, notice, new Date(giveUpAt));
      return { kind: 'address', reason: null, to };
    }
    case 'text': {
      const linkToken = await copy.newLink();
      const body = { kind: 'portal-message', linkToken, expiresAt } as const;
      const about = { message, delivery };
      const notice = {
        id: newId(ports.clock) as TextId,
        organisation,
        to: copy.recipient,
        locale,
        body,
        about,
      };
      // Where no text can go (STOP, no gateway, too many), somebody has to write: nobody is left out in silence.
      return (await ports.sendText(tx, notice))
        ? { kind: 'text', reason: null, to: null }
        : { kind: 'letter', reason: 'no-text', to: null };
    }
  }
}

async function lettersFor(
  ports: PickupPorts,
  tx: Transaction,
  caller: Caller,
  before: string | null,
  limit: number,
): Promise<readonly PaperLetter[]> {
  const { organisation } = caller;
  const rows = await listLetters(tx, organisation, before, limit);
  const views = await ports.portalViews(
    tx,
    organisation,
    rows.map(({ delivery }) => delivery),
  );
  await ports.audit.append(tx, {
    organisation,
    action: 'paper-letters.listed',
    actor: caller.actor,
    origin: caller.origin,
    result: 'done',
    subjects: rows.map(({ delivery }) => ({ kind: 'delivery', id: delivery })),
    details: { count: rows.length },
    sealedReference: null,
    request: caller.request,
  });
  return Promise.all(
    rows.map(async (row) => {
      const address = await ports.vault.openValue(pickupBinding(organisation, row.id), row.address);
      const view = views.find(({ delivery }) => delivery === row.delivery);
      const { id, message, delivery } = row;
      return {
        ...{ id, message, delivery, since: row.created_at, address: address.toString('utf8') },
        reason: row.reason === 'no-text' ? ('no-text' as const) : ('wanted' as const),
        openedAt: view?.firstReadAt ?? null,
        expiresAt: view?.expiresAt ?? null,
      };
    }),
  );
}

/** Event and audit entry of what was done about a delivery. */
async function onRecord(
  ports: PickupPorts,
  tx: Transaction,
  about: {
    readonly organisation: OrganisationId;
    readonly message: MessageId;
    readonly delivery: DeliveryId;
    readonly recipient?: Address;
  },
  type: Extract<EventType, 'delivery.fallback-used' | 'delivery.letter-written'>,
  details: Readonly<Record<string, string | null>>,
  caller?: Caller,
): Promise<void> {
  const { organisation, message, delivery, recipient } = about;
  const actor = caller?.actor ?? SYSTEM;
  const subjects = [
    { kind: 'message' as const, id: message },
    { kind: 'delivery' as const, id: delivery },
  ];
  await insertEvents(tx, [
    {
      id: newId(ports.clock) as EventId,
      ...{ organisation, type, subjects, actor },
      cause: null,
      occurredAt: ports.clock.now(),
      payload: null,
    },
  ]);
  const reference =
    recipient === undefined
      ? null
      : await ports.vault.sealValue(
          'record',
          auditReferenceBinding(organisation, subjects),
          JSON.stringify({ recipients: [addressText(recipient)] }),
        );
  await ports.audit.append(tx, {
    ...{ organisation, action: type, actor, subjects, details },
    origin: caller?.origin ?? WORKER,
    result: 'done',
    sealedReference: reference,
    request: caller?.request ?? null,
  });
}
