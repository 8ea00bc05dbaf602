import type { PortalItemId } from '#core/ids';
import type { PortalDelivery, PortalPlacement, PreparedCopy } from '#core/portal';
import type { Transaction } from '#platform/database';
import { newId, randomToken } from '#platform/runtime';
import { announceToCaregivers } from './announce-to-caregivers.ts';
import { copyStands, insertCopy } from './copy.store.ts';
import { preparedBody, preparedMarks } from './copy-content.ts';
import { ensurePerson } from './ensure-person.ts';
import { upsertItem } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';
import { findThread } from './thread.store.ts';
import { tokenHash } from './token.ts';

/** Copy, person and item rows for one recipient, in the transaction that records the outcome. */
export async function placeCopy(
  needs: PortalNeeds,
  tx: Transaction,
  prepared: PreparedCopy,
  delivery: PortalDelivery,
  at: Date,
): Promise<PortalPlacement> {
  await putCopy(needs, tx, prepared);
  const person = await ensurePerson(needs, tx, prepared.organisation, delivery.recipient);
  const marks = preparedMarks(prepared);
  const thread = await findThread(tx, person.id, marks);
  const linkToken = randomToken();
  const item = await upsertItem(tx, {
    id: newId(needs.clock) as PortalItemId,
    organisation: prepared.organisation,
    person: person.id,
    message: prepared.message,
    delivery: delivery.id,
    linkHash: tokenHash(linkToken),
    expiresAt: prepared.expiresAt,
    at,
    thread: thread ?? null,
    messageKey: marks.own,
  });
  await announceToCaregivers(needs, tx, person.id, prepared, at);
  return { item, person: person.id, linkToken, expiresAt: prepared.expiresAt, locale: person.locale };
}

async function putCopy(needs: PortalNeeds, tx: Transaction, prepared: PreparedCopy): Promise<void> {
  const body = preparedBody(prepared);
  if (body.kind === 'standing') {
    // It stood when it was prepared; if it was destroyed since, the delivery must be tried again from its start.
    if (!(await copyStands(tx, prepared.message))) throw new Error('the portal copy is gone');
    return;
  }
  const made = await insertCopy(tx, {
    id: body.id,
    organisation: prepared.organisation,
    message: prepared.message,
    objectKey: body.objectKey,
    summary: body.summary,
    content: body.content,
    blob: body.blob?.id ?? null,
    size: body.size,
    expiresAt: prepared.expiresAt,
    level: body.level,
  });
  // Where another recipient's copy was faster, that one serves, and a blob of ours without a row is swept.
  if (made && body.blob !== null) await needs.blobs.record(tx, prepared.organisation, body.blob);
  if (!made && !(await copyStands(tx, prepared.message))) throw new Error('the portal copy is gone');
}
