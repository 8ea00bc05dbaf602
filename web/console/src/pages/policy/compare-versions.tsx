import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { comparisonQuery } from '../../data/policy-workbench.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Choice } from '../../parts/field.tsx';
import { policyText } from '../../text/policy.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';
import { Differences } from './differences.tsx';

/** What any two versions say differently. */
export function CompareVersions({ versions }: { versions: readonly number[] }) {
  const [newest = 1, before = 1] = versions;
  const [from, setFrom] = useState(before);
  const [to, setTo] = useState(newest);
  const comparison = useQuery(comparisonQuery(from, to));
  const choices = versions.map((one) => ({ value: String(one), label: policyText.version(one) }));
  return (
    <section aria-label={words.compareTitle} className="flex flex-col gap-3">
      <h3 className="font-semibold">{words.compareTitle}</h3>
      <div className="grid max-w-md grid-cols-2 gap-3">
        <Choice
          label={words.compareFrom}
          value={String(from)}
          choices={choices}
          onChange={(event) => setFrom(Number(event.target.value))}
        />
        <Choice
          label={words.compareTo}
          value={String(to)}
          choices={choices}
          onChange={(event) => setTo(Number(event.target.value))}
        />
      </div>
      {comparison.isPending && <RowsSkeleton rows={2} label={policyText.versionsLoading} />}
      {comparison.isError && <Failure error={comparison.error} retry={() => void comparison.refetch()} />}
      {comparison.data && <Differences differences={comparison.data.differences} />}
    </section>
  );
}
