import type { PolicyDifference } from '../../api-types.ts';
import { sentenceWords } from '../../text/policy-sentences.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';

/** What two policies say differently, in sentences: what was said before, struck through, and what is said now. */
export function Differences({ differences }: { differences: readonly PolicyDifference[] }) {
  if (differences.length === 0) return <p className="text-ink-2">{words.noDifferences}</p>;
  return (
    <ul className="prose-width flex flex-col border-t border-line">
      {differences.map(({ key, before, after }) => (
        <li key={key} className="flex flex-col gap-0.5 border-b border-line py-2 [overflow-wrap:anywhere]">
          <span className="text-xs font-medium text-ink-2">
            {before === null ? words.added : after === null ? words.removed : words.changed}
          </span>
          {before && (
            <del className="text-ink-2">
              <span className="sr-only">{words.before}: </span>
              {sentenceWords(before.code, before.parameters)}
            </del>
          )}
          {after && (
            <ins className="no-underline">
              <span className="sr-only">{words.after}: </span>
              {sentenceWords(after.code, after.parameters)}
            </ins>
          )}
        </li>
      ))}
    </ul>
  );
}
