import type { MessageId, PortalItemId, PortalPersonId } from '#core/ids';
import type { SensitivityClass } from '#core/method';
import type { Transaction } from '#platform/database';
import type { ItemState } from './item.store.ts';
import type { Looking } from './place.ts';
import { PLACES, placeValues, STATE, shows } from './scope.store.ts';
import type { ThreadMarks } from './thread-marks.ts';

/** The conversation of this person's that a message goes on with; undefined where it begins one. */
export async function findThread(
  tx: Transaction,
  person: PortalPersonId,
  marks: Pick<ThreadMarks, 'answers' | 'inReplyTo'>,
): Promise<string | undefined> {
  if (marks.answers.length === 0 && marks.inReplyTo === null) return undefined;
  const row = await tx.maybe<{ thread: string }>({
    name: 'portal-thread-find',
    text: `select thread from (
             select i.id, coalesce(i.thread, i.id) as thread from sealpost.portal_item i
             where i.person = $1 and (i.message_key = any ($2::bytea[]) or i.message = $3)
             union all
             select r.id, coalesce(r.thread, i.thread, i.id, r.id)
             from sealpost.portal_reply r left join sealpost.portal_item i on i.id = r.item
             where r.person = $1 and (r.message_key = any ($2::bytea[]) or r.message = $3)
           ) known order by id desc limit 1`,
    values: [person, marks.answers, marks.inReplyTo],
  });
  return row?.thread;
}

export interface ThreadItem {
  readonly id: PortalItemId;
  readonly message: MessageId;
  readonly state: ItemState;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly copy: string;
  readonly objectKey: Buffer;
  readonly summary: Buffer | null;
  /** Only of what was read before and is small enough to stand in its row. */
  readonly content: Buffer | null;
  readonly level: SensitivityClass;
  readonly lockedAt: Date | null;
}

/** The newest entries of one conversation of this place's, oldest first; content only where its viewer read it already. */
export async function threadItems(
  tx: Transaction,
  place: Looking,
  thread: string,
  page: { readonly now: Date; readonly most: number },
): Promise<ThreadItem[]> {
  const rows = await tx.query<ThreadItem>({
    name: 'portal-thread-items',
    text: `select s.id, s.message, s.state, s."expiresAt", s."createdAt", s."lockedAt", c.id as copy,
             c.object_key as "objectKey", c.summary, case when s.state = 'read' then c.content end as content,
             coalesce(c.class, 'high') as level
           from (
             select i.id, i.organisation, i.message, ${STATE} as state, i.expires_at as "expiresAt",
               i.created_at as "createdAt", i.locked_at as "lockedAt"
             from ${PLACES} join sealpost.portal_item i on ${shows('$7')}
             where coalesce(i.thread, i.id) = $5 order by i.id desc limit $6
           ) s join sealpost.portal_copy c on c.organisation = s.organisation and c.message = s.message
           order by s.id desc`,
    values: [...placeValues([place]), thread, page.most, page.now],
  });
  return rows.reverse();
}
