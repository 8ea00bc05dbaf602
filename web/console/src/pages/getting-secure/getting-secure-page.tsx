import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, CircleHelp, CircleMinus } from 'lucide-react';
import type { SecurityCheck, SecurityScore } from '../../api-types.ts';
import { securityScoreQuery } from '../../data/security-score.ts';
import { useMay, useSession } from '../../data/session.ts';
import { buttonClass } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { checkWords, securityScoreText as words } from '../../text/security-score.ts';
import { Attest, Withdraw } from './attest.tsx';
import { DOMAINS_ID, DomainProofs } from './domain-proofs.tsx';
import { ScoreBar } from './score-bar.tsx';

/** The way to a secure set-up: what is left to do, first what weighs most. */
export function GettingSecurePage() {
  const score = useQuery(securityScoreQuery);
  return (
    <Page title={words.title} lead={words.lead}>
      {score.isPending && <RowsSkeleton rows={8} label={words.loading} />}
      {score.isError && <Failure error={score.error} retry={() => void score.refetch()} />}
      {score.data && <Body score={score.data} />}
    </Page>
  );
}

function Body({ score }: { score: SecurityScore }) {
  const session = useSession();
  const open = score.checks
    .filter(({ state }) => state === 'open' || state === 'unknown')
    .sort((a, b) => b.weight - a.weight);
  const done = score.checks.filter(({ state }) => state === 'done');
  const others = score.checks.filter(({ state }) => state === 'not-applicable');
  return (
    <>
      <div>
        <ScoreBar percent={score.percent} />
        <p className="mt-1 text-ink-2">{words.reached(score.done, score.applicable)}</p>
      </div>
      <Section title={words.open}>
        {open.length === 0 ? (
          <p className="flex items-center gap-2 text-ink-2">
            <CircleCheck aria-hidden="true" className="size-4 text-done" />
            {words.allDone}
          </p>
        ) : (
          <Checks checks={open} />
        )}
      </Section>
      <DomainProofs sandbox={session?.mode === 'sandbox'} />
      {done.length > 0 && (
        <Section title={words.done}>
          <Checks checks={done} />
        </Section>
      )}
      {others.length > 0 && (
        <Section title={words.notApplicable}>
          <Checks checks={others} />
        </Section>
      )}
    </>
  );
}

const MARKS = {
  done: { icon: CircleCheck, tone: 'text-done' },
  open: { icon: CircleAlert, tone: 'text-held' },
  unknown: { icon: CircleHelp, tone: 'text-held' },
  'not-applicable': { icon: CircleMinus, tone: 'text-ink-2' },
} as const;

function Checks({ checks }: { checks: readonly SecurityCheck[] }) {
  return (
    <ul className="border-t border-line">
      {checks.map((one) => (
        <Check key={one.code} check={one} />
      ))}
    </ul>
  );
}

/** Pages that a check may send to; an address of another release is no link. */
const PAGES = [
  '/settings/installation',
  '/settings/people',
  '/settings/policy',
  '/settings/api-keys',
  '/settings/organisation',
  '/settings/access-reviews',
  '/getting-secure',
  '/audit',
  '/alert-channels',
  '/alert-rules',
] as const;

function Check({ check }: { check: SecurityCheck }) {
  const { state, facts, attested } = check;
  const { title, why, how, open } = checkWords(check);
  const may = useMay('organisation:write');
  const { icon: Icon, tone } = MARKS[state];
  const undone = state === 'open' || state === 'unknown';
  const mend = PAGES.find((page) => page === check.mend);
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line py-3">
      <Icon role="img" aria-label={words.states[state]} className={`mt-0.5 size-4 shrink-0 ${tone}`} />
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium">
          {title} <span className="font-normal text-ink-2">({words.points(check.weight)})</span>
        </p>
        <p className="prose-width text-ink-2">
          {why}
          {check.cites && ` (${check.cites})`}
        </p>
        {undone && how && <p className="prose-width">{how}</p>}
        {state === 'open' && open && <p className="prose-width">{open(facts)}</p>}
        {undone && typeof facts.domains === 'string' && (
          <p className="[overflow-wrap:anywhere]">{words.which(facts.domains)}</p>
        )}
        {attested && (
          <p className="text-ink-2">
            {words.attested} {attested.by.label}, <When time={attested.at} as="long" />
          </p>
        )}
      </div>
      <div className="flex flex-wrap gap-2 empty:hidden">
        {undone && mend && (
          <Link
            to={mend}
            {...(mend === '/getting-secure' ? { hash: DOMAINS_ID } : {})}
            className={buttonClass()}
          >
            {words.mend}
            <span className="sr-only">: {title}</span>
          </Link>
        )}
        {may && check.attestable && undone && <Attest code={check.code} title={title} />}
        {may && attested && <Withdraw code={check.code} />}
      </div>
    </li>
  );
}
