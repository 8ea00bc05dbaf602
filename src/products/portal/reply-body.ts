import type { OrganisationId } from '#core/ids';
import type { Binding } from '#core/seal';
import type { ObjectKey, Vault } from '#platform/vault';
import type { PortalNeeds } from './needs.ts';
import type { Looking } from './place.ts';
import type { ReplyRow } from './reply.store.ts';

/** What a thread shows of an answer. */
interface ReplyBody {
  readonly text: string;
  readonly files: readonly string[];
  /** Only of a letter, which answers no message. */
  readonly letter?: { readonly subject: string; readonly to: string };
}

export interface ShownReply extends ReplyBody {
  readonly id: string;
  readonly at: Date;
  /** `unsure`: sending was begun and never confirmed. */
  readonly state: 'sent' | 'sending' | 'unsure';
  /** Who wrote it, seen by whoever looks. */
  readonly by: 'you' | 'caregiver';
}

const UNSURE_AFTER_MS = 2 * 60_000;

function binding(organisation: OrganisationId, reply: string): Binding {
  return { organisation, field: 'portal.reply', row: reply };
}

export function sealReply(
  vault: Vault,
  key: ObjectKey,
  organisation: OrganisationId,
  reply: string,
  body: ReplyBody,
): Buffer {
  return vault.seal(key, binding(organisation, reply), JSON.stringify(body));
}

/** What was sealed by `sealReply`. */
export function openReplyBody(
  vault: Vault,
  key: ObjectKey,
  organisation: OrganisationId,
  reply: string,
  sealed: Uint8Array,
): ReplyBody {
  // Authenticated by the seal: sealReply alone writes it.
  const body: ReplyBody = JSON.parse(vault.openText(key, binding(organisation, reply), sealed));
  return body;
}

export async function openReply(needs: PortalNeeds, place: Looking, row: ReplyRow): Promise<ShownReply> {
  if (row.body === null) throw new Error('a portal reply has no body');
  const key = await needs.vault.openObjectKey(place.organisation, row.objectKey);
  const body = openReplyBody(needs.vault, key, place.organisation, row.id, row.body);
  const age = needs.clock.now().getTime() - row.createdAt.getTime();
  const state = row.state === 'sent' ? 'sent' : age > UNSURE_AFTER_MS ? 'unsure' : 'sending';
  const by = row.caregiver === (place.care?.caregiver ?? null) ? 'you' : 'caregiver';
  return { ...body, id: row.id, at: row.createdAt, state, by };
}
