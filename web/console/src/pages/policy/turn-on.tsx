import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { PolicyDocument } from '../../api-types.ts';
import { policyQuery, policyVersionsQuery, savePolicy } from '../../data/administration.ts';
import { proposalsQuery } from '../../data/policy-workbench.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { common } from '../../text/common.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';

/** Makes this policy the next version, where none came in between; or puts it before a second person. */
export function TurnOn(props: { document: PolicyDocument; baseVersion: number; disabled: boolean }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const turn = useMutation({
    mutationFn: () => savePolicy(props.document, props.baseVersion),
    onSettled: async () => {
      setAsking(false);
      await Promise.all(
        [policyQuery, policyVersionsQuery, proposalsQuery].map(({ queryKey }) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
  const stale = turn.error instanceof ApiProblem && turn.error.code === 'version-conflict';
  if (turn.data) {
    return (
      <Notice
        tone="done"
        live
        title={'proposal' in turn.data ? words.proposed : words.turnedOn(turn.data.version)}
      >
        <Link to="/settings/policy" className={`${buttonClass()} mt-2`}>
          {words.toPolicy}
        </Link>
      </Notice>
    );
  }
  return (
    <div className="flex flex-col items-start gap-3">
      {stale ? <Notice tone="held" live title={words.turnOnStale} /> : <ActFailure error={turn.error} />}
      <Button kind="primary" disabled={props.disabled || stale} onClick={() => setAsking(true)}>
        {words.turnOn}
      </Button>
      <Dialog open={asking} onOpenChange={setAsking} title={words.turnOnTitle} description={words.turnOnLead}>
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>{common.cancel}</Button>
          <Button kind="primary" busy={turn.isPending} onClick={() => turn.mutate()}>
            {words.turnOn}
          </Button>
        </div>
      </Dialog>
    </div>
  );
}
