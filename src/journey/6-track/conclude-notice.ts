import type { AuditEntry } from '#core/audit-entry';
import type { NoticeId } from '#core/ids';
import type { Message } from '#core/message';
import type { AttemptResult } from '#core/transport';
import type { NoticeOutcome, OpenedNotice } from '#platform/record';

export type NoticeEnd =
  | { readonly kind: 'sent'; readonly verified: boolean }
  | { readonly kind: 'later'; readonly code: string; readonly nextAt: Date }
  | { readonly kind: 'refused'; readonly result: AttemptResult & { readonly kind: 'bounced' } }
  | { readonly kind: 'too-old' }
  | { readonly kind: 'withdrawn' };

export interface NoticeRun {
  readonly opened: OpenedNotice;
  readonly end: NoticeEnd;
  /** The message that a portal notice is about, needed to tell its sender when the notice cannot arrive. */
  readonly parent: Message | null;
  readonly at: Date;
  newNoticeId(): NoticeId;
}

const DSN_DAYS = 5;

/** Turns the end of one try to send a notice into what is put on record. Pure. */
export function concludeNotice(run: NoticeRun): NoticeOutcome {
  const { opened, end } = run;
  const base = { id: opened.notice.id, fence: opened.claim.fence, audit: [auditOf(run)], at: run.at };
  switch (end.kind) {
    case 'sent':
      return {
        ...base,
        state: 'delivered',
        code: end.verified ? null : 'path-not-verified',
        nextAt: null,
        undeliverable: null,
      };
    case 'later':
      return { ...base, state: 'queued', code: end.code, nextAt: end.nextAt, undeliverable: null };
    case 'refused':
      return {
        ...base,
        state: 'bounced',
        code: end.result.code,
        nextAt: null,
        undeliverable: undeliverable(run, end.result.reply?.enhanced ?? '5.0.0', end.result),
      };
    case 'withdrawn':
      return { ...base, state: 'cancelled', code: null, nextAt: null, undeliverable: null };
    case 'too-old':
      return {
        ...base,
        state: 'expired',
        code: 'too-old',
        nextAt: null,
        undeliverable: undeliverable(run, '4.4.7', null),
      };
  }
}

function undeliverable(
  run: NoticeRun,
  status: string,
  result: (AttemptResult & { readonly kind: 'bounced' }) | null,
): NoticeOutcome['undeliverable'] {
  const { notice } = run.opened;
  if (notice.body.kind !== 'portal-message' || notice.body.elsewhere === true) return null;
  const { parent } = run;
  const tell = parent !== null && parent.source !== 'portal';
  return {
    delivery: notice.body.delivery,
    lastStatus: status,
    notices: tell
      ? [
          {
            giveUpAt: new Date(run.at.getTime() + DSN_DAYS * 86_400_000),
            notice: {
              id: run.newNoticeId(),
              organisation: notice.organisation,
              to: parent.sender,
              locale: 'en',
              body: {
                kind: 'dsn',
                message: parent.id,
                messageId: parent.messageId,
                acceptedAt: parent.acceptedAt,
                recipients: [
                  {
                    address: notice.to,
                    action: result ? 'failed' : 'expired',
                    status,
                    remoteHost: result?.transport.host ?? null,
                    diagnosticCode: result?.reply?.code ?? null,
                  },
                ],
              },
            },
          },
        ]
      : [],
  };
}

function auditOf(run: NoticeRun): AuditEntry {
  const { notice } = run.opened;
  const { end } = run;
  return {
    organisation: notice.organisation,
    action: `notice.${end.kind}`,
    actor: { kind: 'system', component: 'conveyor' },
    origin: { address: null, channel: 'worker' },
    result: end.kind === 'refused' || end.kind === 'too-old' ? 'failed' : 'done',
    subjects: [{ kind: 'notice', id: notice.id }],
    details: {
      kind: notice.body.kind,
      code: end.kind === 'later' ? end.code : end.kind === 'refused' ? end.result.code : null,
      verified: end.kind === 'sent' ? end.verified : null,
    },
    sealedReference: null,
    request: null,
  };
}
