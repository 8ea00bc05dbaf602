import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { securityScoreQuery } from '../../data/security-score.ts';
import { Section } from '../../parts/page.tsx';
import { securityScoreText as words } from '../../text/security-score.ts';
import { ScoreBar } from '../getting-secure/score-bar.tsx';

/** The score for those who can see what it is made of; nothing while it cannot be told. */
export function OverviewScore() {
  const { data } = useQuery(securityScoreQuery);
  if (!data) return null;
  const open = data.checks.filter(({ state }) => state === 'open' || state === 'unknown').length;
  return (
    <Section
      title={words.scoreLabel}
      actions={
        <Link to="/getting-secure" className="link">
          {words.title}
        </Link>
      }
    >
      <ScoreBar percent={data.percent} />
      <p className="text-ink-2">{open === 0 ? words.allDone : words.overviewOpen(open)}</p>
    </Section>
  );
}
