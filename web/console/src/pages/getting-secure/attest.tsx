import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { attest, securityScoreQuery, withdrawAttestation } from '../../data/security-score.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { common } from '../../text/common.ts';
import { securityScoreText as words } from '../../text/security-score.ts';

export function Attest({ code, title }: { code: string; title: string }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: () => attest(code),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: securityScoreQuery.queryKey });
    },
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>{words.attest}</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={words.attestTitle}
        description={`${title}. ${words.attestLead}`}
      >
        <ActFailure error={act.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          <Button kind="primary" busy={act.isPending} onClick={() => act.mutate()}>
            {words.attest}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

export function Withdraw({ code }: { code: string }) {
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: () => withdrawAttestation(code),
    onSuccess: () => client.invalidateQueries({ queryKey: securityScoreQuery.queryKey }),
  });
  return (
    <>
      <Button busy={act.isPending} onClick={() => act.mutate()}>
        {words.withdraw}
      </Button>
      <ActFailure error={act.error} />
    </>
  );
}
