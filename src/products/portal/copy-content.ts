import type { BlobId, OrganisationId } from '#core/ids';
import type { Content, Message } from '#core/message';
import type { SensitivityClass } from '#core/method';
import type { PreparedCopy } from '#core/portal';
import { findField, type HeaderField, parseHeader, parseMailboxes } from '#platform/mail';
import { newId } from '#platform/runtime';
import type { ObjectKey } from '#platform/vault';
import { copyStands } from './copy.store.ts';
import type { PortalNeeds } from './needs.ts';
import { contentBinding, sealSummary } from './summary.ts';
import { answeredIds, messageKey, type ThreadMarks } from './thread-marks.ts';

/** Up to here the sealed copy stands in its row; above it is a blob. */
export const INLINE_OCTETS = 64 * 1024;
/** A From field that lies deeper than this in a header is not looked for: the list shows the address alone. */
const HEADER_OCTETS = 64 * 1024;

/** What a prepared copy holds. `standing` means that another recipient's copy serves this one too. */
type PreparedBody =
  | { readonly kind: 'standing' }
  | {
      readonly kind: 'new';
      readonly id: string;
      readonly objectKey: Buffer;
      readonly summary: Buffer;
      readonly content: Buffer | null;
      readonly blob: { readonly id: BlobId; readonly size: number } | null;
      readonly size: number;
      readonly level: SensitivityClass;
    };

const bodies = new WeakMap<PreparedCopy, { readonly body: PreparedBody; readonly marks: ThreadMarks }>();

/** The inside of a copy that this room prepared. Any other object is a fault of the caller. */
export function preparedBody(prepared: PreparedCopy): PreparedBody {
  return inside(prepared).body;
}

/** By what a copy that this room prepared finds its conversation. */
export function preparedMarks(prepared: PreparedCopy): ThreadMarks {
  return inside(prepared).marks;
}

function inside(prepared: PreparedCopy): { readonly body: PreparedBody; readonly marks: ThreadMarks } {
  const found = bodies.get(prepared);
  if (found === undefined) throw new TypeError('not a copy that this portal prepared');
  return found;
}

function prepared(message: Message, body: PreparedBody, marks: ThreadMarks): PreparedCopy {
  const copy: PreparedCopy = {
    organisation: message.organisation,
    message: message.id,
    expiresAt: message.portalExpiresAt,
  };
  bodies.set(copy, { body, marks });
  return copy;
}

/**
 * Seals a message's content under a fresh key of the shred group `portal`, apart from the record's own key, so that
 * destroying one leaves the other. Large content goes to a blob as a stream; nothing is written to the database here.
 */
export async function copyContent(
  needs: PortalNeeds,
  request: { readonly message: Message; readonly content: Content },
): Promise<PreparedCopy> {
  const { message, content } = request;
  const standing = await needs.database.tenant([message.organisation], 'worker', (tx) =>
    copyStands(tx, message.id),
  );
  const fields = await headerOf(content);
  const marks = await marksOf(needs, message, fields);
  if (standing) return prepared(message, { kind: 'standing' }, marks);

  const id = newId(needs.clock);
  const key = await needs.vault.newObjectKey(message.organisation, 'portal');
  const summary = sealSummary(needs.vault, key, message.organisation, id, {
    senderAddress: { local: message.sender.local, domain: message.sender.domain },
    senderName: senderName(fields),
    subject: message.subject,
    messageId: message.messageId,
    sentAt: message.acceptedAt.toISOString(),
  });
  const place = await sealContent(needs, message.organisation, id, key, content);
  const body = {
    kind: 'new',
    id,
    objectKey: key.wrapped,
    summary,
    ...place,
    size: content.size,
    level: message.class,
  } as const;
  return prepared(message, body, marks);
}

async function sealContent(
  needs: PortalNeeds,
  organisation: OrganisationId,
  id: string,
  key: ObjectKey,
  content: Content,
): Promise<{ content: Buffer | null; blob: { id: BlobId; size: number } | null }> {
  const binding = contentBinding(organisation, id);
  if (content.size > INLINE_OCTETS) {
    const written = await needs.blobs.write(needs.vault.sealStream(key, binding, content.open()));
    return { content: null, blob: written };
  }
  return { content: needs.vault.seal(key, binding, await wholeOf(content)), blob: null };
}

async function wholeOf(content: Content): Promise<Buffer> {
  if (content.bytes !== null) return content.bytes;
  const chunks: Buffer[] = [];
  for await (const chunk of content.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function marksOf(
  needs: PortalNeeds,
  message: Message,
  fields: readonly HeaderField[],
): Promise<ThreadMarks> {
  const keyOf = (id: string): Promise<Buffer> => messageKey(needs.vault, message.organisation, id);
  return {
    own: await keyOf(message.messageId),
    answers: await Promise.all(answeredIds(fields).map(keyOf)),
    inReplyTo: message.inReplyTo,
  };
}

/** The fields of the header; none where it does not end within 64 KiB. */
async function headerOf(content: Content): Promise<readonly HeaderField[]> {
  let head = Buffer.alloc(0);
  for await (const chunk of content.open()) {
    head = Buffer.concat([head, chunk]);
    if (head.includes('\r\n\r\n') || head.length >= HEADER_OCTETS) break;
  }
  const end = head.indexOf('\r\n\r\n');
  return end < 0 ? [] : parseHeader(head.subarray(0, end + 2)).fields;
}

/** The display name of the From field, or null where there is none that can be read. */
function senderName(fields: readonly HeaderField[]): string | null {
  const from = findField(fields, 'from');
  const name = from === undefined ? null : (parseMailboxes(from.value).mailboxes[0]?.name ?? null);
  return name === null || name.trim() === '' ? null : name.trim().slice(0, 200);
}
