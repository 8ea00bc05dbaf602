import type { PolicyPreview } from '../../api-types.ts';
import { originWords, policySentences, valueWords } from '../../text/policy-sentences.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';

/** Each value in force for one recipient, and the rule it comes from. */
export function WhereFrom({ values }: { values: PolicyPreview['values'] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard (WCAG 2.1.1)
    <section className="mt-3 overflow-x-auto" tabIndex={0} aria-label={words.whereFrom}>
      <table className="w-full border-collapse text-left">
        <caption className="py-1 text-left font-semibold">{words.whereFrom}</caption>
        <thead>
          <tr className="border-b border-line text-ink-2">
            <th scope="col" className="py-1 pr-4 font-medium">
              {words.value}
            </th>
            <th scope="col" className="py-1 pr-4 font-medium">
              {words.inForce}
            </th>
            <th scope="col" className="py-1 font-medium">
              {words.origin}
            </th>
          </tr>
        </thead>
        <tbody>
          {values.map((one) => (
            <tr key={one.name} className="border-b border-line align-top last:border-0">
              <th scope="row" className="py-1 pr-4 font-medium">
                {policySentences.values[one.name] ?? one.name}
              </th>
              <td className="py-1 pr-4">{valueWords(one.name, one.value)}</td>
              <td className="py-1 [overflow-wrap:anywhere]">{originWords(one.name, one, one.over)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
