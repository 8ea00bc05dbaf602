import type { OrganisationId, PortalItemId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type ReadAttachment, type ReadMessage, readMessage } from '#platform/mail';
import { newId } from '#platform/runtime';
import type { ObjectKey } from '#platform/vault';
import { insertAccess, type PortalAct } from './access.store.ts';
import { sealAccessAddress } from './access-log.ts';
import { recordRecipient, type Visit } from './audit.ts';
import { ALONE, type Conversation, loadThread, openThread, type ThreadRows } from './conversation.ts';
import { type CopyRow, loadCopy } from './copy.store.ts';
import { guards } from './guard.ts';
import { findItemOf, type ItemRow, markRead, markReadByCaregiver, shownState } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';
import type { Looking } from './place.ts';
import type { Viewer } from './portal-session.ts';
import { type CopySummary, contentBinding, openSummary } from './summary.ts';

export type Ended = {
  readonly kind: 'ended';
  readonly state: 'expired' | 'retracted';
  readonly expiresAt: Date;
};

/** Nobody's, somebody else's, or another organisation's: the answer does not tell which. */
export type Missing = { readonly kind: 'missing' };

/** Its recipient's, and there, but more must be proved first, or wrong answers have ended access. */
export type Guarded = { readonly kind: 'guarded'; readonly item: PortalItemId };

export type Opened =
  | {
      readonly kind: 'open';
      readonly item: PortalItemId;
      readonly expiresAt: Date;
      readonly summary: CopySummary;
      readonly message: ReadMessage;
      readonly conversation: Conversation;
    }
  | Ended
  | Guarded
  | Missing;

const MISSING: Missing = { kind: 'missing' };

interface Loaded {
  readonly kind: 'loaded';
  readonly item: ItemRow;
  readonly copy: CopyRow;
  readonly thread: ThreadRows;
}

/** Opens a message for its recipient, and records that it was opened before anything is shown. */
export async function openMessage(
  needs: PortalNeeds,
  viewer: Viewer,
  id: PortalItemId,
  visit: Visit,
): Promise<Opened> {
  const loaded = await load(needs, viewer, id);
  if (loaded.kind !== 'loaded') return loaded;
  const { item, copy } = loaded;
  const key = await needs.vault.openObjectKey(viewer.organisation, copy.objectKey);
  const message = await readMessage(await openContent(needs, key, viewer.organisation, copy));
  const ended = await record(needs, viewer, id, visit, 'opened');
  if (ended !== null) return ended;
  const { organisation } = viewer;
  return {
    kind: 'open',
    item: id,
    expiresAt: item.expiresAt,
    summary: summaryOf(needs, key, organisation, copy),
    message,
    conversation: await openThread(needs, viewer, loaded.thread, id),
  };
}

/**
 * The message again, for a part of its page (the formatted text in its frame, the reply form). Only after it was
 * opened: so no part of a message is shown that is not in the access log.
 */
export async function reopenMessage(needs: PortalNeeds, viewer: Viewer, id: PortalItemId): Promise<Opened> {
  const loaded = await load(needs, viewer, id);
  if (loaded.kind !== 'loaded') return loaded;
  if (loaded.item.state !== 'read') return MISSING;
  const key = await needs.vault.openObjectKey(viewer.organisation, loaded.copy.objectKey);
  return {
    kind: 'open',
    item: id,
    expiresAt: loaded.item.expiresAt,
    summary: summaryOf(needs, key, viewer.organisation, loaded.copy),
    message: await readMessage(await openContent(needs, key, viewer.organisation, loaded.copy)),
    conversation: ALONE,
  };
}

/** The message with its conversation for a sheet of paper, after the printing was recorded. Only after it was opened. */
export async function openForPrint(
  needs: PortalNeeds,
  viewer: Viewer,
  id: PortalItemId,
  visit: Visit,
): Promise<Opened> {
  const opened = await reopenMessage(needs, viewer, id);
  if (opened.kind !== 'open') return opened;
  const loaded = await load(needs, viewer, id);
  if (loaded.kind !== 'loaded') return loaded;
  const conversation = await openThread(needs, viewer, loaded.thread, id);
  return (await record(needs, viewer, id, visit, 'printed')) ?? { ...opened, conversation };
}

/** One attachment, after the download was recorded. */
export async function openAttachment(
  needs: PortalNeeds,
  viewer: Viewer,
  id: PortalItemId,
  index: number,
  visit: Visit,
): Promise<{ readonly kind: 'attachment'; readonly attachment: ReadAttachment } | Ended | Guarded | Missing> {
  const opened = await reopenMessage(needs, viewer, id);
  if (opened.kind !== 'open') return opened;
  const attachment = opened.message.attachments[index];
  if (attachment === undefined) return MISSING;
  const ended = await record(needs, viewer, id, visit, 'downloaded', { attachment: index });
  return ended ?? { kind: 'attachment', attachment };
}

async function load(
  needs: PortalNeeds,
  viewer: Viewer,
  id: PortalItemId,
): Promise<Loaded | Ended | Guarded | Missing> {
  return needs.database.tenant([viewer.organisation], 'app', async (tx) => {
    const now = needs.clock.now();
    const item = await findItemOf(tx, id, viewer, now);
    if (item === undefined) return MISSING;
    const ended = endOf(needs, item);
    if (ended !== null) return ended;
    if (guards(viewer, item)) return { kind: 'guarded', item: id };
    const copy = await loadCopy(tx, item.message);
    if (copy === undefined) return MISSING;
    if (copy.destroyedAt !== null) return { kind: 'ended', state: 'expired', expiresAt: item.expiresAt };
    return { kind: 'loaded', item, copy, thread: await loadThread(tx, viewer, item.thread, now) };
  });
}

export function endOf(needs: PortalNeeds, item: ItemRow): Ended | null {
  const state = shownState(item.state, item.expiresAt, needs.clock.now());
  return state === 'expired' || state === 'retracted'
    ? { kind: 'ended', state, expiresAt: item.expiresAt }
    : null;
}

function summaryOf(
  needs: PortalNeeds,
  key: ObjectKey,
  organisation: OrganisationId,
  copy: CopyRow,
): CopySummary {
  if (copy.summary === null) throw new Error('a portal copy has no summary');
  return openSummary(needs.vault, key, organisation, copy.id, copy.summary);
}

async function openContent(
  needs: PortalNeeds,
  key: ObjectKey,
  organisation: OrganisationId,
  copy: CopyRow,
): Promise<Buffer> {
  const binding = contentBinding(organisation, copy.id);
  if (copy.content !== null) return needs.vault.open(key, binding, copy.content);
  if (copy.blob === null) throw new Error('a portal copy has no content');
  const chunks: Buffer[] = [];
  // Nothing is used before the last chunk has proved the stream to be whole.
  for await (const chunk of needs.vault.openStream(key, binding, needs.blobs.read(copy.blob)))
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Access row, audit entry and, at the first opening, the delivery's own change: together or not at all. */
async function record(
  needs: PortalNeeds,
  viewer: Viewer,
  id: PortalItemId,
  visit: Visit,
  act: PortalAct,
  details: Readonly<Record<string, number>> = {},
): Promise<Ended | Guarded | Missing | null> {
  return needs.database.tenant([viewer.organisation], 'app', async (tx) => {
    const at = needs.clock.now();
    const item = await findItemOf(tx, id, viewer, at, 'lock');
    if (item === undefined) return MISSING;
    const ended = endOf(needs, item);
    if (ended !== null) return ended;
    if (guards(viewer, item)) return { kind: 'guarded', item: id };
    await recordAccess(needs, tx, viewer, item, visit, act, details, at);
    if (act === 'opened') await tellFirstReading(needs, tx, viewer, item, at);
    return null;
  });
}

/** The sender's receipt at the first opening by anybody; it says where that was a caregiver. */
async function tellFirstReading(
  needs: PortalNeeds,
  tx: Transaction,
  viewer: Viewer,
  item: ItemRow,
  at: Date,
): Promise<void> {
  const by = viewer.care === null ? 'recipient' : 'caregiver';
  const first =
    viewer.care === null ? await markRead(tx, item.id, at) : await markReadByCaregiver(tx, item.id, at);
  if (first) await needs.deliveryRead(tx, viewer.organisation, item.delivery, at, by);
}

/** The access row and its audit entry, in the open transaction: of whoever acted, and in whose place. */
export async function recordAccess(
  needs: PortalNeeds,
  tx: Transaction,
  viewer: Viewer,
  item: ItemRow,
  visit: Visit,
  act: PortalAct,
  details: Readonly<Record<string, number>>,
  at: Date,
): Promise<void> {
  const { organisation, person, care } = viewer;
  const access = newId(needs.clock);
  const sealedAddress = await sealAccessAddress(needs.vault, organisation, access, visit.origin.address);
  const caregiver = care?.caregiver ?? null;
  await insertAccess(tx, {
    id: access,
    organisation,
    item: item.id,
    person,
    act,
    sealedAddress,
    at,
    caregiver,
  });
  const subjects = [
    { kind: 'portal-item', id: item.id },
    { kind: 'message', id: item.message },
    { kind: 'delivery', id: item.delivery },
    ...careSubjects(viewer),
  ];
  await recordRecipient(needs, tx, visit, {
    organisation,
    person: caregiver ?? person,
    action: `portal.${act}`,
    subjects,
    details: care === null ? details : { ...details, by: 'caregiver' },
  });
}

/** What an act in somebody else's place is about, beside its message: the patient, and the grant. */
function careSubjects({ person, care }: Looking): { kind: string; id: string }[] {
  return care === null
    ? []
    : [
        { kind: 'portal-person', id: person },
        { kind: 'portal-caregiver', id: care.grant },
      ];
}
