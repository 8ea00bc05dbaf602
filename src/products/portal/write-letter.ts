import type { Address } from '#core/address';
import type { PortalItemId } from '#core/ids';
import { newId } from '#platform/runtime';
import { recordRecipient, type Visit } from './audit.ts';
import { ALONE, type Conversation, loadThread, openThread } from './conversation.ts';
import { ownPlaces, viewerAt } from './find-places.ts';
import { guards } from './guard.ts';
import { findLetter, openSummaries } from './letter.store.ts';
import { withinLimit } from './limits.ts';
import type { PortalNeeds } from './needs.ts';
import type { Place } from './place.ts';
import type { Viewer } from './portal-session.ts';
import { insertReply, settleReply } from './reply.store.ts';
import { openReply, type ShownReply, sealReply } from './reply-body.ts';
import {
  composeForRoad,
  draftProblem,
  REPLIES_PER_HOUR,
  type ReplyDraft,
  type ReplyProblem,
} from './send-reply.ts';
import { openSummary } from './summary.ts';
import { messageKey } from './thread-marks.ts';

export const MOST_SUBJECT = 200;
/** How far back is looked for who wrote. */
const MOST_LOOKED_AT = 100;
const LETTER_DAYS = 30;

/** An address of the organisation's that wrote to this person, named by the newest message that came from it. */
export interface Correspondent {
  readonly item: PortalItemId;
  /** The organisation that it belongs to. */
  readonly place: Place;
  readonly address: Address;
  readonly name: string | null;
}

/** Whom a person may write to: the addresses that messages they can still open came from, the newest first. */
export async function correspondents(needs: PortalNeeds, viewer: Viewer): Promise<Correspondent[]> {
  const found: Correspondent[] = [];
  for (const place of ownPlaces(viewer)) found.push(...(await correspondentsAt(needs, place)));
  return found;
}

async function correspondentsAt(needs: PortalNeeds, place: Place): Promise<Correspondent[]> {
  const { organisation, profile } = place;
  if (profile.domain === null) return [];
  const rows = await needs.database.tenant([organisation], 'app', (tx) =>
    openSummaries(tx, place, needs.clock.now(), MOST_LOOKED_AT),
  );
  const found = new Map<string, Correspondent>();
  for (const row of rows) {
    const key = await needs.vault.openObjectKey(organisation, row.objectKey);
    const { senderAddress, senderName } = openSummary(needs.vault, key, organisation, row.copy, row.summary);
    const text = `${senderAddress.local}@${senderAddress.domain}`.toLowerCase();
    // Nobody reads at the empty path, nor at the portal's own address.
    if (senderAddress.local === '' || senderAddress.local === 'portal-reply' || found.has(text)) continue;
    found.set(text, { item: row.item, place, address: senderAddress, name: senderName });
  }
  return [...found.values()];
}

export interface LetterDraft extends ReplyDraft {
  /** Names the correspondent by their newest message: no address is taken from a form. */
  readonly to: string;
  readonly subject: string;
}

export type LetterProblem = ReplyProblem | 'nobody' | 'no-subject' | 'subject-too-long';

export type LetterSent =
  | { readonly kind: 'sent'; readonly letter: string }
  | { readonly kind: 'problem'; readonly problem: LetterProblem };

/** What is wrong with a letter; null when it can be sent to somebody. */
export function letterProblem(draft: LetterDraft): LetterProblem | null {
  if (draft.to === '') return 'nobody';
  if (draft.subject.trim() === '') return 'no-subject';
  if (draft.subject.length > MOST_SUBJECT) return 'subject-too-long';
  return draftProblem(draft);
}

/** Sends a new message to somebody who wrote before, on the same road as a reply and written down as one. */
export async function sendLetter(
  needs: PortalNeeds,
  reader: Viewer,
  draft: LetterDraft,
  visit: Visit,
): Promise<LetterSent> {
  const problem = letterProblem(draft);
  if (problem !== null) return { kind: 'problem', problem };
  const to = (await correspondents(needs, reader)).find(({ item }) => item === draft.to);
  if (to === undefined) return { kind: 'problem', problem: 'nobody' };
  const viewer = viewerAt(reader, to.place);
  const { organisation, person } = viewer;
  const letter = newId(needs.clock);
  const subject = draft.subject.replace(/\s+/g, ' ').trim();
  if (!(await begin(needs, viewer, letter, to, { ...draft, subject })))
    return { kind: 'problem', problem: 'too-often' };
  const about = { id: letter, to: { ...to.address, name: to.name }, subject, answers: null };
  const { submission, messageId } = await composeForRoad(needs, viewer, about, draft);
  const outcome = await needs.submitReply(submission);
  const key = await messageKey(needs.vault, organisation, messageId);
  return needs.database.tenant([organisation], 'app', async (tx): Promise<LetterSent> => {
    if (outcome.kind === 'refused') {
      await settleReply(tx, letter, 'refused', null, null);
      return { kind: 'problem', problem: 'refused' };
    }
    await settleReply(tx, letter, 'sent', outcome.message, key);
    await recordRecipient(needs, tx, visit, {
      organisation,
      person,
      action: 'portal.wrote',
      subjects: [{ kind: 'message', id: outcome.message }],
      details: { attachments: draft.files.length },
    });
    return { kind: 'sent', letter };
  });
}

/** Writes the letter down as `sending`; false when its writer has sent too many in this hour. */
async function begin(
  needs: PortalNeeds,
  viewer: Viewer,
  letter: string,
  to: Correspondent,
  draft: LetterDraft,
): Promise<boolean> {
  const { organisation, person } = viewer;
  const key = await needs.vault.newObjectKey(organisation, 'portal');
  const body = sealReply(needs.vault, key, organisation, letter, {
    text: draft.text,
    files: draft.files.map((file) => file.name),
    letter: { subject: draft.subject, to: to.name ?? `${to.address.local}@${to.address.domain}` },
  });
  const at = needs.clock.now();
  return needs.database.tenant([organisation], 'app', async (tx) => {
    // Replies and letters count together.
    const limit = { name: 'replies', subject: person, most: REPLIES_PER_HOUR } as const;
    if (!(await withinLimit(tx, needs.vault, limit, at))) return false;
    const expiresAt = new Date(at.getTime() + LETTER_DAYS * 86_400_000);
    await insertReply(tx, {
      ...{ id: letter, organisation, item: null, person, objectKey: key.wrapped, body, at },
      ...{ thread: letter, expiresAt, caregiver: null },
    });
    return true;
  });
}

export interface OpenLetter {
  readonly letter: ShownReply;
  readonly conversation: Conversation;
}

/** A letter for its writer, with what was answered; null where there is none, `guarded` where more must be proved first. */
export async function openLetter(
  needs: PortalNeeds,
  viewer: Viewer,
  id: string,
): Promise<OpenLetter | 'guarded' | null> {
  if (guards(viewer, { level: 'ordinary', lockedAt: null })) return 'guarded';
  const loaded = await needs.database.tenant([viewer.organisation], 'app', async (tx) => {
    const now = needs.clock.now();
    const row = await findLetter(tx, id, viewer);
    if (row === undefined || row.expiresAt <= now) return null;
    return { row, thread: await loadThread(tx, viewer, id, now) };
  });
  if (loaded === null) return null;
  const conversation = await openThread(needs, viewer, loaded.thread, id);
  return {
    letter: await openReply(needs, viewer, loaded.row),
    conversation: { ...ALONE, later: [...conversation.earlier, ...conversation.later] },
  };
}
