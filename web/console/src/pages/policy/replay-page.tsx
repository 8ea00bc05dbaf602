import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { PolicyReplay } from '../../api-types.ts';
import { cancelReplay, replayQuery } from '../../data/policy-workbench.ts';
import { useMay } from '../../data/session.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';
import { Differences } from './differences.tsx';
import { GroupTable, MoveTable, SampleList } from './replay-tables.tsx';
import { TurnOn } from './turn-on.tsx';

const route = getRouteApi('/app/settings/policy/replays/$id');

/** What a policy would have decided otherwise in the last days; from here it is turned on exactly as it was tried. */
export function ReplayPage() {
  const { id } = route.useParams();
  const replay = useQuery(replayQuery(id));
  const back = (
    <Link to="/settings/policy" className={buttonClass()}>
      {words.toPolicy}
    </Link>
  );
  return (
    <Page title={words.replayTitle} lead={words.tryLead} actions={back}>
      {replay.isPending && <RowsSkeleton rows={6} label={words.replayLoading} />}
      {replay.isError && <Failure error={replay.error} retry={() => void replay.refetch()} />}
      {replay.data && <ReplayBody replay={replay.data} />}
    </Page>
  );
}

function ReplayBody({ replay }: { replay: PolicyReplay }) {
  const may = useMay('policies:write');
  const ended = replay.state !== 'waiting' && replay.state !== 'running';
  return (
    <>
      <Standing replay={replay} may={may} />
      <Section title={words.differences}>
        <Differences differences={replay.differences} />
      </Section>
      <Proof replay={replay} ended={ended} />
      {replay.reproduced > 0 && <Result replay={replay} />}
      {replay.differing.length > 0 && (
        <Section title={words.differing}>
          <SampleList samples={replay.differing} />
        </Section>
      )}
      {may && ended && <TurnOn document={replay.policy} baseVersion={replay.baseVersion} disabled={false} />}
    </>
  );
}

/** How far it has come, and the button that stops it. */
function Standing({ replay, may }: { replay: PolicyReplay; may: boolean }) {
  const client = useQueryClient();
  const { queryKey } = replayQuery(replay.id);
  const cancel = useMutation({
    mutationFn: () => cancelReplay(replay.id),
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  const under = replay.state === 'waiting' || replay.state === 'running';
  return (
    <div className="flex flex-col gap-2">
      <p aria-live="polite">
        <strong className="font-semibold">{words.states[replay.state]}</strong>
        <span className="text-ink-2">
          , {words.replayLine(replay.days, replay.decisions, replay.changed)};{' '}
          <When time={replay.createdAt} />, {replay.startedBy.label}
        </span>
      </p>
      {replay.state === 'failed' && <Notice tone="failed">{words.failed}</Notice>}
      {under && (
        <div className="flex flex-wrap items-center gap-3">
          <progress aria-label={words.progress} max={1} value={replay.progress} className="w-64 max-w-full" />
          {may && (
            <Button busy={cancel.isPending} onClick={() => cancel.mutate()}>
              {words.cancel}
            </Button>
          )}
        </div>
      )}
      <ActFailure error={cancel.error} />
    </div>
  );
}

/** Whether what follows can be believed. */
function Proof({ replay, ended }: { replay: PolicyReplay; ended: boolean }) {
  const { decisions, reproduced, incomplete, assumed } = replay;
  if (decisions === 0) return ended ? <Notice>{words.noDecisions}</Notice> : null;
  return (
    <Notice tone={reproduced === decisions ? 'done' : 'held'} title={words.reproduced(reproduced, decisions)}>
      {incomplete > 0 && <p>{words.incomplete(incomplete)}</p>}
      {assumed > 0 && <p>{words.assumed(assumed)}</p>}
    </Notice>
  );
}

function Result({ replay }: { replay: PolicyReplay }) {
  const number = (value: number) => value.toLocaleString('en');
  const { moves, classes, streams, domains, samples } = replay;
  if (moves.length === 0) return <p className="font-medium">{words.nothingMoves}</p>;
  return (
    <>
      <Section title={words.figures}>
        <ul className="flex flex-col gap-0.5">
          {(['change', 'higher', 'lower', 'gained', 'lost'] as const).map((name) => (
            <li key={name}>
              <span className="tabular inline-block min-w-16 pr-3 text-right font-semibold">
                {number(name === 'change' ? replay.changed : replay[name])}
              </span>
              {words[name]}
            </li>
          ))}
        </ul>
      </Section>
      <MoveTable moves={moves} />
      <GroupTable
        title={words.byClass}
        groups={classes}
        name={(one) => (one in common.class ? common.class[one as keyof typeof common.class] : one)}
      />
      <GroupTable
        title={words.byStream}
        groups={streams}
        name={(one) => (one in common.stream ? common.stream[one as keyof typeof common.stream] : one)}
      />
      <GroupTable
        title={words.byDomain}
        groups={domains}
        name={(one) => (one === '*' ? words.otherDomains : one)}
      />
      <Section title={words.samples}>
        <SampleList samples={samples} />
      </Section>
    </>
  );
}
