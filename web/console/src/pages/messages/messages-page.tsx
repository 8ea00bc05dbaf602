import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Mail, PenLine, RefreshCw, SearchX } from 'lucide-react';
import { useMemo } from 'react';
import type { MessageFilter, MessageSummary } from '../../api-types.ts';
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
import { messageColumns, recipientsText } from './message-columns.tsx';
import { MessagesToolbar } from './messages-toolbar.tsx';

const route = getRouteApi('/app/messages');

export function MessagesPage() {
  const { state, q } = route.useSearch();
  const navigate = route.useNavigate();
  const maySend = useMay('messages:send');
  const terms = termsOf(q);
  const gone = q !== undefined && terms === null;
  const list = useInfiniteQuery({ ...messagesQuery(state, q, terms), enabled: !gone });
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
      <MessagesToolbar key={q ?? ''} state={state} terms={terms} gone={gone} />
      {list.isPending && !gone && <RowsSkeleton rows={8} label={messagesText.loading} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <NoMessages state={state} searched={terms !== null} />}
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

function NoMessages({ state, searched }: { state: MessageFilter | undefined; searched: boolean }) {
  if (searched) {
    return (
      <Empty icon={<SearchX />} title={messagesText.emptySearchTitle}>
        {messagesText.emptySearch}
      </Empty>
    );
  }
  if (state !== undefined) {
    return (
      <Empty icon={<Mail />} title={messagesText.emptyFilterTitle}>
        {messagesText.emptyFilter}
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
