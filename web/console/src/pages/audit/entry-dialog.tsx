import type { AuditEntry } from '../../api-types.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Code, Facts } from '../../parts/facts.tsx';
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
    </Dialog>
  );
}
