import { CircleHelp, FileX2, House, Lock, LockOpen, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { HopVerdict } from '../../api-types.ts';
import { analyserText as words } from '../../text/analyser.ts';

const LOOKS: Readonly<Record<HopVerdict['kind'], { tone: string; icon: LucideIcon }>> = {
  encrypted: { tone: 'bg-done-soft text-done', icon: Lock },
  internal: { tone: 'bg-paper-3 text-ink-2', icon: House },
  clear: { tone: 'bg-failed-soft text-failed', icon: LockOpen },
  'not-recorded': { tone: 'bg-held-soft text-held', icon: CircleHelp },
  unreadable: { tone: 'bg-held-soft text-held', icon: FileX2 },
};

/** A hop's verdict: an icon of its own and its word, beside the colour. */
export function VerdictMark({ verdict }: { verdict: HopVerdict }) {
  const { tone, icon: Icon } = LOOKS[verdict.kind];
  return (
    <span
      data-verdict={verdict.kind}
      className={`inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-xs font-medium whitespace-nowrap ${tone}`}
    >
      <Icon aria-hidden="true" className="size-3.5 shrink-0" />
      {verdict.basis === 'receiver-records-tls' ? words.inferredClear : words.verdict[verdict.kind]}
      {verdict.weak && (
        <>
          , {words.weak}
          <TriangleAlert aria-hidden="true" className="size-3.5 shrink-0" />
        </>
      )}
    </span>
  );
}
