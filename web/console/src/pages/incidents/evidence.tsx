import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AuditEntry } from '../../api-types.ts';
import { entriesQuery } from '../../data/audit.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { auditText } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { monitoringText } from '../../text/monitoring.ts';
import { actionWords } from '../audit/action-words.ts';
import { RESULT_TONES } from '../audit/audit-columns.tsx';
import { EntryDialog } from '../audit/entry-dialog.tsx';

const words = monitoringText.incident;

/** The entries that show an incident; those who may not read the audit log see how many there are. */
export function Evidence({ entries }: { entries: readonly string[] }) {
  const may = useMay('audit:read');
  const some = entries.length > 0;
  const log = may && some && (
    <Link to="/audit" search={{}} className="link">
      {words.audit}
    </Link>
  );
  return (
    <Section title={words.evidence(entries.length)} actions={log}>
      <p className="prose-width text-ink-2">
        {some ? (may ? words.evidenceHint : words.evidenceNotAllowed) : words.noEvidence}
      </p>
      {may && some && <Entries ids={entries} />}
    </Section>
  );
}

function Entries({ ids }: { ids: readonly string[] }) {
  const list = useInfiniteQuery(entriesQuery(ids));
  const [shown, setShown] = useState<AuditEntry | null>(null);
  if (list.isError) return <Failure error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <RowsSkeleton rows={3} label={auditText.loading} />;
  const rows = list.data.pages.flatMap(({ items }) => items);
  const gone = list.hasNextPage ? 0 : ids.length - rows.length;
  return (
    <>
      {rows.length > 0 && (
        <ul className="border-t border-line" aria-label={words.evidence(ids.length)}>
          {rows.map((entry) => (
            <Row key={entry.id} entry={entry} onOpen={() => setShown(entry)} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          className="self-start"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {common.more}
        </Button>
      )}
      {gone > 0 && <p className="text-ink-2">{words.evidenceGone(gone)}</p>}
      <EntryDialog entry={shown} onClose={() => setShown(null)} />
    </>
  );
}

function Row({ entry, onOpen }: { entry: AuditEntry; onOpen: () => void }) {
  return (
    <li className="flex flex-wrap gap-x-4 border-b border-line py-2">
      <span className="w-40 shrink-0 text-ink-2">
        <When time={entry.recordedAt} />
      </span>
      <p className="min-w-0 flex-1 basis-56 [overflow-wrap:anywhere]">
        <button type="button" className="link text-left" aria-haspopup="dialog" onClick={onOpen}>
          {actionWords(entry.action)}
        </button>{' '}
        <span className="text-ink-2">{entry.actor.label}</span>
        {entry.result !== 'done' && (
          <span className={`ml-2 ${RESULT_TONES[entry.result]}`}>{auditText.results[entry.result]}</span>
        )}
      </p>
    </li>
  );
}
