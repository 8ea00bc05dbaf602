import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { AuditEntry } from '../api-types.ts';
import { auditQuery } from '../data/administration.ts';
import type { DayRange } from '../data/day-range.ts';
import { Button } from '../parts/button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { DayRangeFields } from '../parts/day-range-fields.tsx';
import { Empty, RowsSkeleton } from '../parts/empty.tsx';
import { Failure } from '../parts/failure.tsx';
import { Page } from '../parts/page.tsx';
import { localDay } from '../parts/time.ts';
import { auditText as words } from '../text/administration.ts';
import { common } from '../text/common.ts';
import { auditColumns } from './audit/audit-columns.tsx';
import { AuditNav } from './audit/audit-nav.tsx';
import { AuditStateBox } from './audit/audit-state.tsx';
import { AUDIT_VIEWS, type AuditView, FIRST_VIEW, isAuditView } from './audit/audit-views.ts';
import { EntryDialog } from './audit/entry-dialog.tsx';

const route = getRouteApi('/app/audit');
const HIDDEN = ['origin', 'subject'] as const;

export function AuditPage() {
  const { kind: view = FIRST_VIEW, ...range } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(auditQuery(view, range));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const go = (next: AuditView, days: DayRange) =>
    void navigate({ search: { ...(next === FIRST_VIEW ? {} : { kind: next }), ...days } });
  return (
    <Page title={words.title} lead={words.lead}>
      <AuditNav />
      <AuditStateBox />
      <div className="no-print flex flex-wrap gap-3">
        <select
          aria-label={words.filter}
          value={view}
          onChange={(event) => isAuditView(event.target.value) && go(event.target.value, range)}
          className="control w-auto phone:w-full"
        >
          {AUDIT_VIEWS.map((each) => (
            <option key={each} value={each}>
              {words.views[each]}
            </option>
          ))}
        </select>
        <DayRangeFields range={range} onChange={(days) => go(view, days)} />
      </div>
      {list.isPending && <RowsSkeleton rows={8} label={words.loading} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && (
        <Empty
          icon={<ScrollText />}
          title={list.hasNextPage ? words.emptySoFarTitle : words.emptyTitle}
          action={
            (view !== 'all' || range.since !== undefined || range.until !== undefined) && (
              <Button onClick={() => go('all', {})}>{words.showAll}</Button>
            )
          }
        >
          {words.emptyBecause(
            words.views[view],
            range.since === undefined ? null : localDay(range.since),
            range.until === undefined ? null : localDay(range.until),
          )}
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
            {rows.length === 0 ? words.searchOn : common.more}
          </Button>
        </p>
      )}
      <EntryDialog entry={shown} onClose={() => setShown(null)} />
    </Page>
  );
}
