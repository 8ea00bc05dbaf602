import type { BlobId, OrganisationId } from '#core/ids';
import type { Content, Message } from '#core/message';
import type { PreparedCopy } from '#core/portal';
import { findField, parseHeader, parseMailboxes } from '#platform/mail';
import { newId } from '#platform/runtime';
import type { ObjectKey } from '#platform/vault';
import { copyStands } from './copy.store.ts';
import type { PortalNeeds } from './needs.ts';
import { contentBinding, sealSummary } from './summary.ts';

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
    };

const bodies = new WeakMap<PreparedCopy, PreparedBody>();

/** The inside of a copy that this room prepared. Any other object is a fault of the caller. */
export function preparedBody(prepared: PreparedCopy): PreparedBody {
  const body = bodies.get(prepared);
  if (body === undefined) throw new TypeError('not a copy that this portal prepared');
  return body;
}

function prepared(message: Message, body: PreparedBody): PreparedCopy {
  const copy: PreparedCopy = {
    organisation: message.organisation,
    message: message.id,
    expiresAt: message.portalExpiresAt,
  };
  bodies.set(copy, body);
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
  if (standing) return prepared(message, { kind: 'standing' });

  const id = newId(needs.clock);
  const key = await needs.vault.newObjectKey(message.organisation, 'portal');
  const summary = sealSummary(needs.vault, key, message.organisation, id, {
    senderAddress: { local: message.sender.local, domain: message.sender.domain },
    senderName: await senderName(content),
    subject: message.subject,
    messageId: message.messageId,
    sentAt: message.acceptedAt.toISOString(),
  });
  const place = await sealContent(needs, message.organisation, id, key, content);
  return prepared(message, {
    kind: 'new',
    id,
    objectKey: key.wrapped,
    summary,
    ...place,
    size: content.size,
  });
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

/** The display name of the From field, or null where there is none that can be read. */
async function senderName(content: Content): Promise<string | null> {
  let head = Buffer.alloc(0);
  for await (const chunk of content.open()) {
    head = Buffer.concat([head, chunk]);
    if (head.includes('\r\n\r\n') || head.length >= HEADER_OCTETS) break;
  }
  const end = head.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const from = findField(parseHeader(head.subarray(0, end + 2)).fields, 'from');
  const name = from === undefined ? null : (parseMailboxes(from.value).mailboxes[0]?.name ?? null);
  return name === null || name.trim() === '' ? null : name.trim().slice(0, 200);
}
