import { Link } from '@tanstack/react-router';
import { createColumnHelper } from '@tanstack/react-table';
import type { MessageSummary } from '../../api-types.ts';
import type { GridFeatures } from '../../parts/data-table.tsx';
import { SealMark } from '../../parts/seal-mark.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { size } from '../../parts/time.ts';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { messagesText } from '../../text/messages.ts';
import { sortStates } from './sort-states.ts';

const helper = createColumnHelper<GridFeatures, MessageSummary>();
const words = messagesText.columns;

export function recipientsText(message: MessageSummary): string {
  const more = message.recipients - message.to.length;
  return message.to.join(', ') + (more > 0 ? messagesText.andMore(more) : '');
}

export const messageColumns = helper.columns([
  helper.display({
    id: 'subject',
    header: words.subject,
    enableHiding: false,
    cell: ({ row }) => (
      <Link
        to="/messages/$id"
        params={{ id: row.original.id }}
        tabIndex={-1}
        className="font-medium break-words hover:underline md:line-clamp-2 md:min-w-56"
      >
        {row.original.subject === '' ? messagesText.noSubject : row.original.subject}
      </Link>
    ),
  }),
  helper.display({
    id: 'to',
    header: words.to,
    cell: ({ row }) => (
      <span className="line-clamp-2 min-w-40 text-ink-2 [overflow-wrap:anywhere]">
        {recipientsText(row.original)}
      </span>
    ),
  }),
  helper.display({
    id: 'protection',
    header: words.protection,
    cell: ({ row }) => (
      <span className="flex flex-wrap gap-1.5 pt-0.5">
        {(row.original.methods.length === 0 ? (['undecided'] as const) : row.original.methods).map(
          (method) => (
            <SealMark key={method} name={method} />
          ),
        )}
      </span>
    ),
  }),
  helper.display({
    id: 'state',
    header: words.state,
    cell: ({ row }) => (
      <span className="flex flex-wrap gap-1 md:min-w-64">
        {sortStates(row.original.states).map(({ state, count }) => (
          <StateMark key={state} state={state} count={count} />
        ))}
      </span>
    ),
  }),
  helper.display({
    id: 'accepted',
    header: words.accepted,
    cell: ({ row }) => <When time={row.original.acceptedAt} />,
  }),
  helper.display({
    id: 'from',
    header: words.from,
    cell: ({ row }) => <span className="text-ink-2 [overflow-wrap:anywhere]">{row.original.from}</span>,
  }),
  helper.display({
    id: 'size',
    header: words.size,
    cell: ({ row }) => <span className="whitespace-nowrap">{size(row.original.size)}</span>,
  }),
  helper.display({
    id: 'class',
    header: words.class,
    cell: ({ row }) => common.class[row.original.class],
  }),
  helper.display({
    id: 'stream',
    header: words.stream,
    cell: ({ row }) => common.stream[row.original.stream],
  }),
]);
