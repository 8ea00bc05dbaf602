import type { Address } from '#core/address';
import type { MessageId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Content } from '#core/message';
import { buildMessage, safeFileName } from '#platform/mail';
import { newId } from '#platform/runtime';
import type { Visit } from './audit.ts';
import { findItemOf } from './item.store.ts';
import { withinLimit } from './limits.ts';
import type { PortalNeeds, ReplyFile, ReplySubmission } from './needs.ts';
import { recordAccess, reopenMessage } from './open-message.ts';
import { findPerson } from './person.store.ts';
import { openPersonAddress } from './person-address.ts';
import type { Viewer } from './portal-session.ts';
import { insertReply, settleReply } from './reply.store.ts';
import { sealReply } from './reply-body.ts';
import { messageKey } from './thread-marks.ts';

export const MOST_TEXT = 100_000;
export const MOST_FILES = 10;
/** All attachments of one reply together. */
export const MOST_FILE_OCTETS = 20 * 1024 * 1024;
/** Replies and letters of one person together. */
export const REPLIES_PER_HOUR = 30;

/** What a reader wrote, as the form brought it. */
export interface ReplyDraft {
  readonly text: string;
  readonly files: readonly ReplyFile[];
}

export type ReplyProblem =
  | 'empty'
  | 'too-long'
  | 'too-many-files'
  | 'too-large'
  | 'too-often'
  | 'refused'
  | 'not-possible';

export type ReplySent =
  | { readonly kind: 'sent'; readonly reply: string }
  | { readonly kind: 'problem'; readonly problem: ReplyProblem }
  | { readonly kind: 'gone' };

const MIME_TYPE = /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/;

/** A file as a browser names it, made fit for a message. */
export function replyFile(name: string, type: string, bytes: Buffer, index: number): ReplyFile {
  const lower = type.toLowerCase().split(';')[0]?.trim() ?? '';
  const plain = MIME_TYPE.test(lower) && !lower.startsWith('multipart/') && !lower.startsWith('message/');
  const mime = plain ? lower : 'application/octet-stream';
  return { name: safeFileName(name, mime, index), type: mime, bytes };
}

/** What is wrong with a draft; null when it can be sent. */
export function draftProblem(draft: ReplyDraft): ReplyProblem | null {
  if (draft.text.trim() === '' && draft.files.length === 0) return 'empty';
  if (draft.text.length > MOST_TEXT) return 'too-long';
  if (draft.files.length > MOST_FILES) return 'too-many-files';
  const octets = draft.files.reduce((sum, file) => sum + file.bytes.length, 0);
  return octets > MOST_FILE_OCTETS ? 'too-large' : null;
}

/** Whether this viewer may answer where they stand: everybody their own messages, a caregiver by the grant. */
export function mayReply({ care }: Viewer): boolean {
  return care === null || care.mayReply;
}

/** Who writes: the caregiver, where one writes in a patient's place. */
function writerOf({ person, care }: Viewer): PortalPersonId {
  return care?.caregiver ?? person;
}

/** `Re:` once, however often a thread went to and fro. */
export function replySubject(subject: string): string {
  const bare = subject.replace(/^(?:\s*(?:re|aw|rv|sv)\s*:)+\s*/i, '').trim();
  return `Re: ${bare}`.trim().slice(0, 500);
}

/**
 * Sends an answer on the same road as every message. It is written down as `sending` first, so that a crash in between
 * leaves a trace that its writer sees, and never a reply that silently vanished.
 */
export async function sendReply(
  needs: PortalNeeds,
  viewer: Viewer,
  id: PortalItemId,
  draft: ReplyDraft,
  visit: Visit,
): Promise<ReplySent> {
  const problem = draftProblem(draft);
  if (problem !== null) return { kind: 'problem', problem };
  const opened = await reopenMessage(needs, viewer, id);
  if (opened.kind !== 'open') return { kind: 'gone' };
  if (!mayReply(viewer)) return { kind: 'problem', problem: 'not-possible' };
  if (viewer.profile.domain === null || opened.summary.senderAddress.local === '') {
    return { kind: 'problem', problem: 'not-possible' };
  }
  const reply = newId(needs.clock);
  const begun = await begin(needs, viewer, id, reply, draft);
  if (begun.kind !== 'begun') return begun;

  const { summary } = opened;
  const { submission, messageId } = await composeForRoad(
    needs,
    viewer,
    {
      id: reply,
      to: { ...summary.senderAddress, name: summary.senderName },
      subject: replySubject(summary.subject),
      answers: { message: begun.message, messageId: summary.messageId },
    },
    draft,
  );
  const outcome = await needs.submitReply(submission);
  const key = await messageKey(needs.vault, viewer.organisation, messageId);
  return needs.database.tenant([viewer.organisation], 'app', async (tx): Promise<ReplySent> => {
    if (outcome.kind === 'refused') {
      await settleReply(tx, reply, 'refused', null, null);
      return { kind: 'problem', problem: 'refused' };
    }
    await settleReply(tx, reply, 'sent', outcome.message, key);
    const item = await findItemOf(tx, id, viewer, needs.clock.now());
    const counts = { attachments: draft.files.length };
    if (item !== undefined)
      await recordAccess(needs, tx, viewer, item, visit, 'replied', counts, needs.clock.now());
    return { kind: 'sent', reply };
  });
}

type Begun =
  | { readonly kind: 'begun'; readonly message: MessageId }
  | Extract<ReplySent, { kind: 'problem' | 'gone' }>;

async function begin(
  needs: PortalNeeds,
  viewer: Viewer,
  id: PortalItemId,
  reply: string,
  draft: ReplyDraft,
): Promise<Begun> {
  const { organisation, person } = viewer;
  const key = await needs.vault.newObjectKey(organisation, 'portal');
  const files = draft.files.map((file) => file.name);
  const body = sealReply(needs.vault, key, organisation, reply, { text: draft.text, files });
  const at = needs.clock.now();
  return needs.database.tenant([organisation], 'app', async (tx): Promise<Begun> => {
    const limit = { name: 'replies', subject: writerOf(viewer), most: REPLIES_PER_HOUR } as const;
    if (!(await withinLimit(tx, needs.vault, limit, at))) return { kind: 'problem', problem: 'too-often' };
    const item = await findItemOf(tx, id, viewer, at, 'lock');
    if (item === undefined || item.state !== 'read') return { kind: 'gone' };
    await insertReply(tx, {
      ...{ id: reply, organisation, item: id, person, objectKey: key.wrapped, body, at },
      ...{ thread: item.thread, expiresAt: null, caregiver: viewer.care?.caregiver ?? null },
    });
    return { kind: 'begun', message: item.message };
  });
}

interface RoadLetter {
  readonly id: string;
  readonly to: Address & { readonly name: string | null };
  readonly subject: string;
  /** What it answers; null for a message of its own. */
  readonly answers: { readonly message: MessageId; readonly messageId: string } | null;
}

/** The RFC 5322 message: from the portal's address at the organisation's domain, named after the recipient. */
export async function composeForRoad(
  needs: PortalNeeds,
  viewer: Viewer,
  letter: RoadLetter,
  draft: ReplyDraft,
): Promise<{ readonly submission: ReplySubmission; readonly messageId: string }> {
  const { domain } = viewer.profile;
  if (domain === null) throw new Error('an organisation without a domain was written to');
  const address = await needs.database.tenant([viewer.organisation], 'app', async (tx) => {
    const person = await findPerson(tx, writerOf(viewer));
    if (person === undefined) throw new Error('a portal person vanished');
    return openPersonAddress(needs.vault, viewer.organisation, person);
  });
  const from = { local: 'portal-reply', domain };
  const { subject, answers } = letter;
  const built = buildMessage({
    // Staff must see that it was not the patient who wrote.
    from: {
      ...from,
      name: `${address.local}@${address.domain}${viewer.care === null ? '' : ' (caregiver)'} via portal`,
    },
    to: [letter.to],
    // An answer is for the person, and takes the road to them; the portal's own address has no mailbox.
    replyTo: [{ ...address, name: null }],
    subject,
    text: draft.text,
    attachments: draft.files.map((file) => ({ name: file.name, type: file.type, content: file.bytes })),
    date: needs.clock.now(),
    hostName: domain,
    ...(answers === null ? {} : { inReplyTo: answers.messageId, references: [answers.messageId] }),
  });
  const bytes = await built.toBuffer();
  const content: Content = { size: bytes.length, bytes, open: () => once(bytes) };
  const submission: ReplySubmission = {
    id: letter.id,
    organisation: viewer.organisation,
    person: writerOf(viewer),
    inReplyTo: answers?.message ?? null,
    from,
    to: { local: letter.to.local, domain: letter.to.domain },
    subject,
    text: draft.text,
    attachments: draft.files,
    content,
  };
  return { submission, messageId: built.messageId };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
