import { useQuery } from '@tanstack/react-query';
import { Eye } from 'lucide-react';
import { useState } from 'react';
import type { AuditEntry } from '../../api-types.ts';
import { auditReferenceQuery } from '../../data/administration.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Code, Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { When } from '../../parts/when.tsx';
import { auditText as words } from '../../text/administration.ts';
import { actionWords } from './action-words.ts';

/** Everything an entry says. */
export function EntryDialog({ entry, onClose }: { entry: AuditEntry | null; onClose: () => void }) {
  return (
    <Dialog
      open={entry !== null}
      onOpenChange={(open) => !open && onClose()}
      title={entry ? actionWords(entry.action) : words.entryTitle}
      wide
    >
      {entry && (
        <Facts
          facts={[
            [words.when, <When key="when" time={entry.recordedAt} as="long" />],
            [words.action, <Code key="action">{entry.action}</Code>],
            [words.actor, entry.actor.label],
            [words.result, words.results[entry.result]],
            [
              words.origin,
              [entry.origin.channel, entry.origin.address].filter((one) => one !== null).join(', '),
            ],
            [words.position, entry.position === null ? words.pending : String(entry.position)],
            ...entry.subjects.map(
              (subject) =>
                [`${words.subject}: ${subject.kind}`, <Code key={subject.id}>{subject.id}</Code>] as const,
            ),
            ...Object.entries(entry.details).map(
              ([name, value]) => [name, <Code key={name}>{String(value)}</Code>] as const,
            ),
          ]}
        />
      )}
      {entry?.hasReference && <Sealed key={entry.id} id={entry.id} />}
    </Dialog>
  );
}

/** Who an entry is about, and where a recipient acted from, is sealed: opened by a deliberate press, as that is audited. */
function Sealed({ id }: { id: string }) {
  const may = useMay('audit:resolve');
  const [wanted, setWanted] = useState(false);
  if (!may) return <p className="text-ink-2">{words.sealedNotAllowed}</p>;
  if (wanted) return <Opened id={id} />;
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="text-ink-2">{words.sealedWarn}</p>
      <Button onClick={() => setWanted(true)} icon={<Eye aria-hidden="true" className="size-4" />}>
        {words.sealedOpen}
      </Button>
    </div>
  );
}

function Opened({ id }: { id: string }) {
  const opened = useQuery(auditReferenceQuery(id));
  if (opened.isError) return <Failure error={opened.error} retry={() => void opened.refetch()} />;
  if (!opened.data) return <RowsSkeleton rows={1} label={words.loading} />;
  const { sender, recipients, domain, reason, networkAddress } = opened.data;
  const facts = [
    [words.sender, sender],
    [words.recipients, recipients?.join(', ')],
    [words.domain, domain],
    [words.reason, reason],
    [words.networkAddress, networkAddress],
  ] as const;
  return (
    <div role="status">
      <Facts
        facts={facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))}
      />
    </div>
  );
}
