import { createColumnHelper } from '@tanstack/react-table';
import type { AuditEntry } from '../../api-types.ts';
import type { GridFeatures } from '../../parts/data-table.tsx';
import { Code } from '../../parts/facts.tsx';
import { When } from '../../parts/when.tsx';
import { auditText as words } from '../../text/administration.ts';
import { actionWords } from './action-words.ts';

const helper = createColumnHelper<GridFeatures, AuditEntry>();

export const RESULT_TONES: Readonly<Record<AuditEntry['result'], string>> = {
  done: 'text-ink-2',
  refused: 'text-held font-medium',
  failed: 'text-failed font-medium',
};

export const auditColumns = helper.columns([
  helper.display({
    id: 'action',
    header: words.action,
    enableHiding: false,
    cell: ({ row }) => (
      <span>
        <span className="block font-medium">{actionWords(row.original.action)}</span>
        <Code>{row.original.action}</Code>
      </span>
    ),
  }),
  helper.display({
    id: 'when',
    header: words.when,
    cell: ({ row }) => <When time={row.original.recordedAt} />,
  }),
  helper.display({ id: 'actor', header: words.actor, cell: ({ row }) => row.original.actor.label }),
  helper.display({
    id: 'result',
    header: words.result,
    cell: ({ row }) => (
      <span className={RESULT_TONES[row.original.result]}>{words.results[row.original.result]}</span>
    ),
  }),
  helper.display({
    id: 'subject',
    header: words.subject,
    cell: ({ row }) => <Code>{row.original.subjects.map((one) => `${one.kind} ${one.id}`).join(', ')}</Code>,
  }),
  helper.display({
    id: 'origin',
    header: words.origin,
    cell: ({ row }) =>
      [row.original.origin.channel, row.original.origin.address].filter((one) => one !== null).join(', '),
  }),
  helper.display({
    id: 'position',
    header: words.position,
    cell: ({ row }) => <span className="text-ink-2">{row.original.position ?? words.pending}</span>,
  }),
]);
