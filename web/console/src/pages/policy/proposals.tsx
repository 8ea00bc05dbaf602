import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { PolicyProposal } from '../../api-types.ts';
import { policyQuery, policyVersionsQuery } from '../../data/administration.ts';
import {
  actOnProposal,
  type ProposalVerb,
  policySettingsQuery,
  proposalsQuery,
} from '../../data/policy-workbench.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextArea } from '../../parts/field.tsx';
import { Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';
import { Differences } from './differences.tsx';

const waits = ({ state }: PolicyProposal) => state === 'pending' || state === 'stale';

/** Changes that wait for a second person, and below them those that were decided. Nothing where there are none. */
export function Proposals({ may }: { may: boolean }) {
  const proposals = useQuery(proposalsQuery);
  if (proposals.isError) return <Failure error={proposals.error} retry={() => void proposals.refetch()} />;
  const all = proposals.data?.items ?? [];
  const open = all.filter(waits);
  const past = all.filter((one) => !waits(one));
  return (
    <>
      {open.length > 0 && (
        <Section title={words.proposals}>
          <ul className="flex flex-col gap-3">
            {open.map((one) => (
              <li key={one.id} className="rounded-md border border-held-line px-4 py-3">
                <ProposalBody proposal={one} may={may} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      {past.length > 0 && (
        <details>
          <summary className="cursor-pointer text-ink-2">{words.pastProposals}</summary>
          <ul className="mt-2 flex flex-col gap-3">
            {past.map((one) => (
              <li key={one.id} className="rounded-md border border-line px-4 py-3">
                <ProposalBody proposal={one} may={false} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function ProposalBody({ proposal, may }: { proposal: PolicyProposal; may: boolean }) {
  const { kind, state, endedBy, endedAt, comment } = proposal;
  return (
    <div className="flex flex-col gap-2">
      <p>
        <strong className="font-semibold">{words.proposalKinds[kind]}</strong>,{' '}
        {words.proposedBy(proposal.proposedBy.label)}, <When time={proposal.proposedAt} />
      </p>
      <p className="text-ink-2">
        {words.proposalStates[state]}
        {endedBy && endedAt && (
          <>
            {' '}
            {words.decidedBy(endedBy.label)}, <When time={endedAt} />
          </>
        )}
        {state === 'pending' && (
          <>
            ; {words.until} <When time={proposal.expiresAt} />
          </>
        )}
      </p>
      {comment && <p className="prose-width whitespace-pre-wrap [overflow-wrap:anywhere]">{comment}</p>}
      {kind === 'document' && <Differences differences={proposal.differences} />}
      {may && <ProposalActs proposal={proposal} />}
    </div>
  );
}

function ProposalActs({ proposal }: { proposal: PolicyProposal }) {
  const [verb, setVerb] = useState<'approve' | 'reject' | null>(null);
  const [comment, setComment] = useState('');
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (how: ProposalVerb) => actOnProposal(proposal.id, how, comment.trim()),
    onSuccess: async () => {
      setVerb(null);
      await Promise.all(
        [proposalsQuery, policySettingsQuery, policyQuery, policyVersionsQuery].map(({ queryKey }) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (verb) act.mutate(verb);
  };
  const title = verb === 'approve' ? words.approveTitle : words.rejectTitle;
  const lead = verb === 'approve' ? words.approveLead : words.rejectLead;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {proposal.mayDecide && proposal.state === 'pending' && (
        <Button kind="primary" onClick={() => setVerb('approve')}>
          {words.approve}
        </Button>
      )}
      {proposal.mayDecide && <Button onClick={() => setVerb('reject')}>{words.reject}</Button>}
      {proposal.mayWithdraw && (
        <>
          <span className="text-ink-2">{words.ownProposal}</span>
          <Button kind="quiet" busy={act.isPending} onClick={() => act.mutate('withdraw')}>
            {words.withdraw}
          </Button>
        </>
      )}
      {verb === null && <ActFailure error={act.error} />}
      <Dialog
        open={verb !== null}
        onOpenChange={(open) => setVerb(open ? verb : null)}
        title={title}
        description={lead}
      >
        <form onSubmit={submit} className="flex flex-col gap-4">
          <TextArea
            label={words.comment}
            hint={words.commentHint}
            optional
            rows={3}
            maxLength={2000}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
          <ActFailure error={act.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setVerb(null)}>{common.cancel}</Button>
            <Button type="submit" kind="primary" busy={act.isPending}>
              {verb === 'approve' ? words.approve : words.reject}
            </Button>
          </div>
        </form>
      </Dialog>
    </div>
  );
}
