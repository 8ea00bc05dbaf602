import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Mail, PenLine, RefreshCw, SearchX } from 'lucide-react';
import { useMemo } from 'react';
import type { MessageSummary } from '../../api-types.ts';
import { messagesQuery } from '../../data/messages.ts';
import { termsOf } from '../../data/search-terms.ts';
import { useMay } from '../../data/session.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { common } from '../../text/common.ts';
import { messagesText } from '../../text/messages.ts';
import { shell } from '../../text/shell.ts';
import type { MessageNarrowing } from './filters.ts';
import { filtersInWords } from './filters-in-words.ts';
import { messageColumns, recipientsText } from './message-columns.tsx';
import { MessagesToolbar } from './messages-toolbar.tsx';

const route = getRouteApi('/app/messages');

export function MessagesPage() {
  const { q, ...narrowing } = route.useSearch();
  const navigate = route.useNavigate();
  const maySend = useMay('messages:send');
  const terms = termsOf(q);
  const gone = q !== undefined && terms === null;
  const list = useInfiniteQuery({ ...messagesQuery(narrowing, q, terms), enabled: !gone });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);

  return (
    <Page
      title={messagesText.title}
      actions={
        <>
          <Button
            kind="quiet"
            busy={list.isRefetching}
            onClick={() => void list.refetch()}
            icon={<RefreshCw aria-hidden="true" className="size-4" />}
          >
            {messagesText.refresh}
          </Button>
          {maySend && (
            <Link to="/compose" className={buttonClass('primary')}>
              <PenLine aria-hidden="true" className="size-4" />
              {shell.compose}
            </Link>
          )}
        </>
      }
    >
      <MessagesToolbar key={q ?? ''} narrowing={narrowing} terms={terms} gone={gone} />
      {list.isPending && !gone && <RowsSkeleton rows={8} label={messagesText.loading} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <NoMessages narrowing={narrowing} searched={terms !== null} />}
      {rows.length > 0 && (
        <DataTable<MessageSummary>
          name="messages"
          label={messagesText.title}
          columns={messageColumns}
          hiddenAtFirst={HIDDEN}
          rows={rows}
          rowId={(row) => row.id}
          rowLabel={(row) =>
            messagesText.rowLabel(row.subject || messagesText.noSubject, recipientsText(row))
          }
          onOpen={(row) => void navigate({ to: '/messages/$id', params: { id: row.id } })}
        />
      )}
      {list.hasNextPage && (
        <p>
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {common.more}
          </Button>
        </p>
      )}
    </Page>
  );
}

const HIDDEN = ['from', 'size', 'class', 'stream'] as const;

function NoMessages({ narrowing, searched }: { narrowing: MessageNarrowing; searched: boolean }) {
  const filters = filtersInWords(narrowing);
  if (searched) {
    return (
      <Empty icon={<SearchX />} title={messagesText.emptySearchTitle}>
        {messagesText.emptySearch}
        {filters.length > 0 && ` ${messagesText.emptyBecause(filters.join(', '))}`}
      </Empty>
    );
  }
  if (filters.length > 0) {
    return (
      <Empty
        icon={<Mail />}
        title={messagesText.emptyFilterTitle}
        action={
          <Link to="/messages" search={{}} className={buttonClass()}>
            {messagesText.clearSearch}
          </Link>
        }
      >
        {messagesText.emptyBecause(filters.join(', '))}
      </Empty>
    );
  }
  return (
    <Empty
      icon={<Mail />}
      title={messagesText.emptyTitle}
      action={
        <Link to="/compose" className={buttonClass('primary')}>
          {shell.compose}
        </Link>
      }
    >
      {messagesText.empty}
    </Empty>
  );
}
