import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { evidenceQuery } from '../../data/evidence.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { evidenceText as words } from '../../text/evidence.ts';
import { EvidenceRow } from './evidence-row.tsx';

/** The filed reports of one incident, or all, newest first. */
export function EvidenceList({ incident, empty }: { incident: string | null; empty: ReactNode }) {
  const list = useInfiniteQuery(evidenceQuery(incident));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {list.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && empty}
      {rows.length > 0 && (
        <ul className="border-t border-line">
          {rows.map((one) => (
            <EvidenceRow key={one.id} evidence={one} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          className="self-start"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {words.more}
        </Button>
      )}
    </>
  );
}
