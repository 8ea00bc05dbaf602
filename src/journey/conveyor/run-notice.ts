import type { NoticeId } from '#core/ids';
import type { Content, Message } from '#core/message';
import type { Notice } from '#core/notice';
import type { AttemptResult } from '#core/transport';
import type { OpenedNotice } from '#platform/record';
import { describeFault, newId } from '#platform/runtime';
import type { ConveyorPorts } from './stages.ts';

/** The end of one try to send a notice, in the words of the tracking stage. */
export interface NoticeRunEnd {
  readonly opened: OpenedNotice;
  readonly end:
    | { readonly kind: 'sent'; readonly verified: boolean }
    | { readonly kind: 'later'; readonly code: string; readonly nextAt: Date }
    | { readonly kind: 'refused'; readonly result: AttemptResult & { readonly kind: 'bounced' } }
    | { readonly kind: 'too-old' }
    | { readonly kind: 'withdrawn' };
  readonly parent: Message | null;
  readonly at: Date;
  newNoticeId(): NoticeId;
}

/**
 * Sends content-free mail: in the organisation's own words where the peer is verified, in neutral words otherwise. A fault never loses it: it is
 * tried again until it is too old. What tells of a message that was retracted since is not sent.
 */
export async function runNotice(ports: ConveyorPorts, opened: OpenedNotice): Promise<NoticeRunEnd> {
  try {
    const end = await send(ports, opened);
    const lost = end.kind === 'refused' || end.kind === 'too-old';
    return finish(ports, opened, end, lost ? await parentOf(ports, opened) : null);
  } catch (error) {
    ports.logger.error('notice-fault', { ...describeFault(error), organisation: opened.notice.organisation });
    return finish(ports, opened, later(ports, opened, 'system-fault'), null);
  }
}

async function send(ports: ConveyorPorts, opened: OpenedNotice): Promise<NoticeRunEnd['end']> {
  const { notice } = opened;
  if (ports.clock.now() >= opened.giveUpAt) return { kind: 'too-old' };
  const identity = await ports.noticeIdentity(notice.organisation);
  let withdrawn = false;
  const stillWanted = async (): Promise<boolean> => {
    withdrawn = await toldOfRetracted(ports, notice);
    return !withdrawn;
  };
  const branded = contentOf(ports.buildNotice(notice, false, identity));
  const result = await ports.deliver.send({
    domain: notice.to.domain,
    envelopeFrom: null,
    recipient: notice.to,
    content: contentOf(ports.buildNotice(notice, true, identity)),
    verifiedContent: await ports.deliver.sign(notice.organisation, identity.from.domain, branded),
    tls: 'opportunistic',
    smtpUtf8: /[^\x20-\x7e]/u.test(notice.to.local),
    eightBit: false,
    // Only these can be taken back; the others are spared the look.
    ...(notice.body.kind === 'portal-message' ? { stillWanted } : {}),
  });
  return withdrawn ? { kind: 'withdrawn' } : endOf(ports, opened, result);
}

async function toldOfRetracted(ports: ConveyorPorts, { body, organisation }: Notice): Promise<boolean> {
  if (body.kind !== 'portal-message') return false;
  return (await ports.record.messageState(organisation, body.message)) === 'retracted';
}

function endOf(ports: ConveyorPorts, opened: OpenedNotice, result: AttemptResult): NoticeRunEnd['end'] {
  switch (result.kind) {
    case 'delivered':
      return { kind: 'sent', verified: result.transport.authenticatedBy !== 'none' };
    case 'bounced':
      return { kind: 'refused', result };
    case 'deferred':
      return later(ports, opened, result.code);
    case 'protection-unavailable':
      // Opportunistic sending asks for nothing, so this peer could not even be spoken to.
      return later(ports, opened, result.failure.code);
  }
}

function later(ports: ConveyorPorts, opened: OpenedNotice, code: string): NoticeRunEnd['end'] {
  const now = ports.clock.now();
  if (now >= opened.giveUpAt) return { kind: 'too-old' };
  const next = now.getTime() + ports.deliver.nextTry(opened.attempts + 1);
  return { kind: 'later', code, nextAt: new Date(Math.min(next, opened.giveUpAt.getTime())) };
}

async function parentOf(ports: ConveyorPorts, opened: OpenedNotice): Promise<Message | null> {
  const { body, organisation } = opened.notice;
  return body.kind === 'portal-message' ? ports.loadMessage(organisation, body.message) : null;
}

function finish(
  ports: ConveyorPorts,
  opened: OpenedNotice,
  end: NoticeRunEnd['end'],
  parent: Message | null,
): NoticeRunEnd {
  return { opened, end, parent, at: ports.clock.now(), newNoticeId: () => newId() as NoticeId };
}

function contentOf(bytes: Buffer): Content {
  return {
    size: bytes.length,
    bytes,
    async *open() {
      yield bytes;
    },
  };
}
