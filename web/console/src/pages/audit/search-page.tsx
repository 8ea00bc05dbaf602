import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { type FormEvent, useMemo, useState } from 'react';
import type { AuditEntry } from '../../api-types.ts';
import {
  beginSearch,
  dropFilter,
  exportAddress,
  filtersQuery,
  foundQuery,
  keepFilter,
  wantedQuery,
} from '../../data/audit.ts';
import { useMay } from '../../data/session.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { DownloadLink } from '../../parts/download-link.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextField, Tick } from '../../parts/field.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { auditText } from '../../text/administration.ts';
import { auditPages as words } from '../../text/audit.ts';
import { auditColumns } from './audit-columns.tsx';
import { AuditNav } from './audit-nav.tsx';
import { EntryDialog } from './entry-dialog.tsx';
import { SearchForm } from './search-form.tsx';

const route = getRouteApi('/app/audit/search');

/** The log searched by whatever an entry says, and by whom it is about. */
export function AuditSearchPage() {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const go = (query: string | undefined) =>
    void navigate({ search: query === undefined ? {} : { q: query } });
  const begin = useMutation({ mutationFn: beginSearch, onSuccess: go });
  return (
    <Page title={words.searchTitle} lead={words.searchLead}>
      <AuditNav />
      <SearchForm busy={begin.isPending} error={begin.error} onSearch={(wanted) => begin.mutate(wanted)} />
      <Kept onOpen={go} />
      {q !== undefined && <Found key={q} query={q} />}
    </Page>
  );
}

function Found({ query }: { query: string }) {
  const list = useInfiniteQuery(foundQuery(query));
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const mayExport = useMay('audit:export');
  return (
    <Section title={words.found}>
      {list.isPending && <RowsSkeleton rows={6} label={words.loading} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <Empty icon={<Search />} title={words.nothing} />}
      {rows.length > 0 && (
        <DataTable<AuditEntry>
          name="audit-found"
          label={words.found}
          columns={auditColumns}
          hiddenAtFirst={[]}
          rows={rows}
          rowId={(row) => row.id}
          rowLabel={(row) => auditText.rowLabel(row.action, row.actor.label)}
          onOpen={setShown}
        />
      )}
      <div className="no-print flex flex-wrap gap-2">
        {list.hasNextPage && (
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.more}
          </Button>
        )}
        {mayExport &&
          rows.length > 0 &&
          (['csv', 'ocsf', 'cef'] as const).map((format) => (
            <DownloadLink key={format} path={exportAddress(format, { query })} className={buttonClass()}>
              {words.exportFound}: {words.formats[format]}
            </DownloadLink>
          ))}
      </div>
      <Keep query={query} />
      <EntryDialog entry={shown} onClose={() => setShown(null)} />
    </Section>
  );
}

function Keep({ query }: { query: string }) {
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const wanted = useQuery(wantedQuery(query));
  const client = useQueryClient();
  const keep = useMutation({
    mutationFn: () => keepFilter(name.trim(), shared, wanted.data ?? {}),
    onSuccess: async () => {
      setName('');
      await client.invalidateQueries({ queryKey: filtersQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <form onSubmit={submit} className="no-print flex flex-wrap items-end gap-3">
      <TextField
        label={words.keepName}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Tick label={words.share} checked={shared} onChange={(event) => setShared(event.target.checked)} />
      <Button type="submit" busy={keep.isPending} disabled={!wanted.data}>
        {words.keep}
      </Button>
      <ActFailure error={keep.error} />
    </form>
  );
}

function Kept({ onOpen }: { onOpen: (query: string) => void }) {
  const filters = useQuery(filtersQuery);
  const client = useQueryClient();
  const drop = useMutation({
    mutationFn: dropFilter,
    onSuccess: () => client.invalidateQueries({ queryKey: filtersQuery.queryKey }),
  });
  if (!filters.data || filters.data.items.length === 0) return null;
  return (
    <Section title={words.kept}>
      <ul className="flex flex-col gap-1">
        {filters.data.items.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-3">
            <button type="button" className="link text-left" onClick={() => onOpen(one.query)}>
              {one.name}
            </button>
            {one.shared && <span className="text-ink-2">{words.shared}</span>}
            {one.own && (
              <Button busy={drop.isPending} onClick={() => drop.mutate(one.id)}>
                {words.drop}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ActFailure error={drop.error} />
    </Section>
  );
}
