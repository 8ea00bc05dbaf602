import type { Overview } from '../../api-types.ts';
import { SEAL_GROUNDS, SealMark } from '../../parts/seal-mark.tsx';
import { overviewText as words } from '../../text/messages.ts';
import { shares } from './shares.ts';

/** Today's copies by method as bars, with the same numbers as a table behind them. */
export function VolumeChart({ today }: { today: Overview['today'] }) {
  if (today.total === 0) return <p className="text-ink-2">{words.todayNone}</p>;
  const bars = shares(today.methods);
  return (
    <div className="flex flex-col gap-3">
      <figure role="img" aria-label={words.chartLabel(today.total)} className="flex flex-col gap-2">
        {bars.map((bar) => (
          <div key={bar.method} className="flex items-center gap-3">
            <span className="w-36 shrink-0 overflow-hidden md:w-44">
              <SealMark name={bar.method} words />
            </span>
            <span className="h-4 min-w-0 flex-1 rounded-sm bg-paper-2">
              <span
                className={`block h-4 rounded-sm [print-color-adjust:exact] ${SEAL_GROUNDS[bar.method]}`}
                style={{ width: `${bar.ofLargest}%`, minWidth: 3 }}
              />
            </span>
            <span className="tabular w-10 shrink-0 text-right">{bar.count}</span>
          </div>
        ))}
      </figure>
      <details className="text-ink-2">
        <summary className="w-fit">{words.chartTable}</summary>
        <table className="mt-2 text-left">
          <thead>
            <tr>
              <th scope="col" className="pr-6 pb-1 font-medium">
                {words.method}
              </th>
              <th scope="col" className="pr-6 pb-1 text-right font-medium">
                {words.count}
              </th>
              <th scope="col" className="pb-1 text-right font-medium">
                {words.share}
              </th>
            </tr>
          </thead>
          <tbody>
            {bars.map((bar) => (
              <tr key={bar.method}>
                <td className="pr-6">
                  <SealMark name={bar.method} words />
                </td>
                <td className="pr-6 text-right">{bar.count}</td>
                <td className="text-right">{bar.share} %</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}
