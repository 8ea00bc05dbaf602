import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { policyQuery, policyVersionsQuery } from '../../data/administration.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { policyText as words } from '../../text/policy.ts';

/** Two people saved at once: the reader decides, with the newer version in the list below. */
export function Conflict({ onTheirs, onMine }: { onTheirs: () => void; onMine: (version: number) => void }) {
  const client = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const withNewest = async (act: (version: number) => void) => {
    try {
      const newest = await client.fetchQuery({ ...policyQuery, staleTime: 0 });
      await client.invalidateQueries({ queryKey: policyVersionsQuery.queryKey });
      act(newest.version);
    } catch (fault) {
      setError(fault instanceof Error ? fault : new Error('unknown'));
    }
  };
  return (
    <Notice tone="held" title={words.conflictTitle} live>
      <p>{words.conflict}</p>
      <ActFailure error={error} />
      <div className="mt-3 flex flex-wrap gap-2">
        <Button onClick={() => void withNewest(onTheirs)}>{words.conflictTheirs}</Button>
        <Button kind="danger" onClick={() => void withNewest(onMine)}>
          {words.conflictMine}
        </Button>
      </div>
    </Notice>
  );
}
