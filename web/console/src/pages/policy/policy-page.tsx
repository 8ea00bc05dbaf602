import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { policyQuery } from '../../data/administration.ts';
import { useMay } from '../../data/session.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { policyText as words } from '../../text/policy.ts';
import { FourEyes } from './four-eyes.tsx';
import { PolicyForm } from './policy-form.tsx';
import { Proposals } from './proposals.tsx';
import { DraftList, ReplayList } from './workbench-lists.tsx';

export function PolicyPage() {
  const policy = useQuery(policyQuery);
  const may = useMay('policies:write');
  // A version that was put into the form anew: changes of this number make a fresh form.
  const [fresh, setFresh] = useState(0);
  return (
    <Page title={words.title} lead={words.lead}>
      {policy.isPending && <RowsSkeleton rows={6} label={words.loading} />}
      {policy.isError && <Failure error={policy.error} retry={() => void policy.refetch()} />}
      {policy.data && (
        <>
          <p className="text-ink-2">
            <strong className="font-semibold text-ink">{words.version(policy.data.version)}</strong>,{' '}
            {words.savedBy(policy.data.createdBy.label)}, <When time={policy.data.createdAt} as="long" />
          </p>
          <Proposals may={may} />
          <PolicyForm key={`${fresh}`} policy={policy.data} onReset={() => setFresh(fresh + 1)} />
          <DraftList />
          <ReplayList />
          <FourEyes may={may} />
        </>
      )}
    </Page>
  );
}
