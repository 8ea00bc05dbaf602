import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { policySettingsQuery, proposalsQuery, setFourEyes } from '../../data/policy-workbench.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { common } from '../../text/common.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';

/** Whether a second person decides on changes. On at once; off only by a second person. */
export function FourEyes({ may }: { may: boolean }) {
  const settings = useQuery(policySettingsQuery);
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const set = useMutation({
    mutationFn: setFourEyes,
    onSuccess: async () => {
      setAsking(false);
      await client.invalidateQueries({ queryKey: policySettingsQuery.queryKey });
      await client.invalidateQueries({ queryKey: proposalsQuery.queryKey });
    },
  });
  if (settings.isError) return <Failure error={settings.error} retry={() => void settings.refetch()} />;
  if (!settings.data) return null;
  const on = settings.data.fourEyes;
  return (
    <Section title={words.fourEyes}>
      <p className="text-ink-2">{on ? words.fourEyesOn : words.fourEyesOff}</p>
      {set.data && 'proposal' in set.data && (
        <Notice live tone="done">
          {words.proposed}
        </Notice>
      )}
      {!asking && <ActFailure error={set.error} />}
      {may && (
        <div>
          {on ? (
            <Button kind="danger" busy={set.isPending} onClick={() => set.mutate(false)}>
              {words.turnFourEyesOff}
            </Button>
          ) : (
            <Button onClick={() => setAsking(true)}>{words.turnFourEyesOn}</Button>
          )}
        </div>
      )}
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={words.fourEyesTitle}
        description={words.fourEyesLead}
      >
        <ActFailure error={set.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>{common.cancel}</Button>
          <Button kind="primary" busy={set.isPending} onClick={() => set.mutate(true)}>
            {words.turnFourEyesOn}
          </Button>
        </div>
      </Dialog>
    </Section>
  );
}
