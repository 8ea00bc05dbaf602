import { useMutation, useQuery } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import type { AuditVerification } from '../../api-types.ts';
import { auditStateQuery, verifyAudit } from '../../data/administration.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Code, Facts } from '../../parts/facts.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { milliseconds } from '../../parts/time.ts';
import { When } from '../../parts/when.tsx';
import { auditText as words } from '../../text/administration.ts';

/** How far the log is placed, signed and witnessed, and a check of all of it on demand. */
export function AuditStateBox() {
  const state = useQuery(auditStateQuery);
  const verify = useMutation({ mutationFn: verifyAudit });
  const last = state.data?.lastCheckpoint ?? null;
  return (
    <Section
      title={words.state}
      actions={
        <Button
          busy={verify.isPending}
          onClick={() => verify.mutate()}
          icon={<ShieldCheck aria-hidden="true" className="size-4" />}
        >
          {words.verify}
        </Button>
      }
    >
      {state.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {state.isError && <Failure error={state.error} retry={() => void state.refetch()} />}
      {state.data && (
        <Facts
          columns={2}
          facts={[
            [words.entries, String(state.data.size)],
            [words.unplaced, String(state.data.unplaced)],
            [
              words.checkpoint,
              last ? (
                <span key="checkpoint">
                  {words.checkpointOf(last.size)}, <When time={last.createdAt} />
                </span>
              ) : (
                words.noCheckpoint
              ),
            ],
            [
              words.witnessed,
              last?.witnessedAt ? <When key="witnessed" time={last.witnessedAt} /> : words.notWitnessed,
            ],
            [words.root, last && <Code key="root">{last.root}</Code>],
          ]}
        />
      )}
      {verify.isPending && (
        <p role="status" className="text-ink-2">
          {words.verifyLong}
        </p>
      )}
      <ActFailure error={verify.error} />
      {verify.data && <Outcome outcome={verify.data} />}
    </Section>
  );
}

function Outcome({ outcome }: { outcome: AuditVerification }) {
  if (outcome.ok) {
    return (
      <Notice
        tone="done"
        live
        title={words.verified(outcome.entries, outcome.signedEntries, milliseconds(outcome.durationMs))}
      >
        {outcome.witness === 'none' && words.noWitness}
      </Notice>
    );
  }
  return (
    <Notice tone="failed" title={words.broken(outcome.problems.length)}>
      <p>{words.brokenLead}</p>
      <ul className="mt-1 list-disc pl-5">
        {outcome.problems.slice(0, 20).map((problem) => (
          <li key={`${problem.code} ${problem.position}`}>
            {problem.position === null ? problem.code : words.problemAt(problem.code, problem.position)}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
