import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { AuditEntry } from '../api-types.ts';
import { auditQuery } from '../data/administration.ts';
import { Button } from '../parts/button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty, RowsSkeleton } from '../parts/empty.tsx';
import { Failure } from '../parts/failure.tsx';
import { Page } from '../parts/page.tsx';
import { auditText as words } from '../text/administration.ts';
import { common } from '../text/common.ts';
import { auditColumns } from './audit/audit-columns.tsx';
import { AuditStateBox } from './audit/audit-state.tsx';
import { EntryDialog } from './audit/entry-dialog.tsx';

const route = getRouteApi('/app/audit');
const HIDDEN = ['origin', 'subject'] as const;

export function AuditPage() {
  const { action } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(auditQuery(action));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const [shown, setShown] = useState<AuditEntry | null>(null);
  return (
    <Page title={words.title} lead={words.lead}>
      <AuditStateBox />
      <select
        aria-label={words.filter}
        value={action ?? ''}
        onChange={(event) =>
          void navigate({ search: event.target.value === '' ? {} : { action: event.target.value } })
        }
        className="control w-auto self-start phone:w-full"
      >
        <option value="">{words.all}</option>
        {Object.entries(words.kinds).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {list.isPending && <RowsSkeleton rows={8} label={words.loading} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && (
        <Empty icon={<ScrollText />} title={words.emptyTitle}>
          {words.empty}
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable<AuditEntry>
          name="audit"
          label={words.title}
          columns={auditColumns}
          hiddenAtFirst={HIDDEN}
          rows={rows}
          rowId={(row) => row.id}
          rowLabel={(row) => words.rowLabel(row.action, row.actor.label)}
          onOpen={setShown}
        />
      )}
      {list.hasNextPage && (
        <p>
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {common.more}
          </Button>
        </p>
      )}
      <EntryDialog entry={shown} onClose={() => setShown(null)} />
    </Page>
  );
}
