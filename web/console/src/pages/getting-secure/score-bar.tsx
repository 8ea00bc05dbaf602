import { securityScoreText as words } from '../../text/security-score.ts';

/** The score as a number and a bar. */
export function ScoreBar({ percent }: { percent: number }) {
  const tone = percent >= 90 ? 'accent-done' : percent >= 60 ? 'accent-held' : 'accent-failed';
  return (
    <div className="flex max-w-lg items-center gap-3">
      <meter
        aria-label={words.scoreLabel}
        min={0}
        max={100}
        low={60}
        high={90}
        optimum={100}
        value={percent}
        className={`h-3 min-w-0 flex-1 ${tone}`}
      />
      <span className="text-lg font-semibold whitespace-nowrap">{words.score(percent)}</span>
    </div>
  );
}
