import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { UsersRound } from 'lucide-react';
import { useState } from 'react';
import type { PendingAct } from '../../api-types.ts';
import {
  approvePending,
  decidePending,
  fourEyesQuery,
  pendingQuery,
  setFourEyes,
  takeAnswer,
} from '../../data/safeguards.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { secondPersonText as words } from '../../text/safeguards.ts';
import { Answer } from './answer.tsx';
import { AskedFor } from './asked-for.tsx';

/** Acts that wait for a second person, and for which acts one is wanted. */
export function SecondPersonPage() {
  const acts = useQuery(pendingQuery);
  const read = useMay('organisation:read');
  return (
    <Page title={words.title} lead={words.lead}>
      {acts.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {acts.isError && <Failure error={acts.error} retry={() => void acts.refetch()} />}
      {acts.data?.items.length === 0 && <Empty icon={<UsersRound />} title={words.none} />}
      {acts.data && acts.data.items.length > 0 && (
        <ul className="border-t border-line">
          {acts.data.items.map((act) => (
            <ActRow key={act.id} act={act} />
          ))}
        </ul>
      )}
      {read && <Settings />}
    </Page>
  );
}

function ActRow({ act }: { act: PendingAct }) {
  const client = useQueryClient();
  const again = { onSettled: () => client.invalidateQueries({ queryKey: pendingQuery.queryKey }) };
  const approve = useMutation({ mutationFn: () => approvePending(act.id), ...again });
  const decide = useMutation({
    mutationFn: (what: 'reject' | 'withdraw') => decidePending(act.id, what),
    ...again,
  });
  const answer = useMutation({ mutationFn: () => takeAnswer(act.id), ...again });
  const [looking, setLooking] = useState(false);
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium">{nameOf(act)}</span>
          <span className="rounded bg-paper-3 px-1.5 py-0.5 text-xs font-medium text-ink-2">
            {words.states[act.state]}
          </span>
        </p>
        <p className="text-ink-2">
          {words.askedBy} {act.asker.label}, <When time={act.askedAt} />
        </p>
        <p className="text-ink-2">
          {act.state === 'waiting' && (
            <>
              {words.until} <When time={act.expiresAt} />
            </>
          )}
          {act.decidedBy && act.decidedAt && act.state !== 'withdrawn' && (
            <>
              {act.state === 'rejected' ? words.rejectedBy : words.approvedBy} {act.decidedBy.label},{' '}
              <When time={act.decidedAt} />
            </>
          )}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        {(act.mayDecide || act.mayWithdraw) && (
          <Button kind={act.mayDecide ? 'primary' : 'secondary'} onClick={() => setLooking(true)}>
            {words.look}
          </Button>
        )}
        {act.mayDecide && (
          <Button busy={decide.isPending} onClick={() => decide.mutate('reject')}>
            {words.reject}
          </Button>
        )}
        {act.mayWithdraw && (
          <Button busy={decide.isPending} onClick={() => decide.mutate('withdraw')}>
            {words.withdraw}
          </Button>
        )}
        {act.hasAnswer && (
          <Button busy={answer.isPending} onClick={() => answer.mutate()}>
            {words.take}
          </Button>
        )}
      </div>
      <Dialog
        open={looking}
        onOpenChange={setLooking}
        title={nameOf(act)}
        description={`${words.askedBy} ${act.asker.label}`}
      >
        <AskedFor id={act.id} />
        {act.mayDecide && (
          <Button
            kind="primary"
            className="self-end"
            busy={approve.isPending}
            onClick={() => approve.mutate(undefined, { onSettled: () => setLooking(false) })}
          >
            {words.approve}
          </Button>
        )}
      </Dialog>
      <div className="basis-full empty:hidden">
        <ActFailure error={approve.error ?? decide.error ?? answer.error} />
        {approve.data && (
          <Notice tone={approve.data.outcome === 'done' ? 'done' : 'held'} live>
            {words.outcomes[approve.data.outcome]}
          </Notice>
        )}
        {answer.data && <Answer route={act.route} json={answer.data.json} />}
      </div>
    </li>
  );
}

function Settings() {
  const settings = useQuery(fourEyesQuery);
  const may = useMay('organisation:write');
  const [draft, setDraft] = useState<readonly string[] | null>(null);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (codes: readonly string[]) => setFourEyes([...codes]),
    onSettled: async () => {
      setDraft(null);
      await client.invalidateQueries({ queryKey: fourEyesQuery.queryKey });
      await client.invalidateQueries({ queryKey: pendingQuery.queryKey });
    },
  });
  if (!settings.data) return null;
  const chosen = draft ?? settings.data.codes;
  const toggle = (code: string) =>
    setDraft(chosen.includes(code) ? chosen.filter((one) => one !== code) : [...chosen, code]);
  return (
    <Section title={words.settings}>
      <p className="prose-width text-ink-2">{words.settingsHint}</p>
      <fieldset disabled={!may} aria-label={words.settings} className="flex flex-col gap-1.5">
        {settings.data.possible.map((code) => (
          <Tick
            key={code}
            label={words.codes[code] ?? code}
            checked={chosen.includes(code)}
            onChange={() => toggle(code)}
          />
        ))}
      </fieldset>
      <ActFailure error={save.error} />
      {save.isSuccess && draft === null && (
        <Notice tone="done" live>
          {words.saved}
        </Notice>
      )}
      {may && (
        <div>
          <Button busy={save.isPending} onClick={() => save.mutate(chosen)}>
            {words.save}
          </Button>
        </div>
      )}
    </Section>
  );
}

/** What is to be done. An act of a release that is no longer here has no words of its own, only its kind. */
function nameOf(act: PendingAct): string {
  return words.acts[act.route] ?? words.codes[act.code] ?? act.route;
}
