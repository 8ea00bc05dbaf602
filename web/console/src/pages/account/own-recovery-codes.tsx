import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { accountQuery, renewRecoveryCodes } from '../../data/account.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Section } from '../../parts/page.tsx';
import { accountText as words } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { RecoveryCodes } from '../setup/recovery-codes.tsx';

export function OwnRecoveryCodes({ left }: { left: number }) {
  const [open, setOpen] = useState(false);
  const [kept, setKept] = useState(false);
  const client = useQueryClient();
  const renew = useMutation({
    mutationFn: renewRecoveryCodes,
    onSuccess: () => client.invalidateQueries({ queryKey: accountQuery.queryKey }),
  });
  const close = () => {
    setOpen(false);
    setKept(false);
    renew.reset();
  };
  return (
    <Section title={words.recovery}>
      <p className="text-ink-2">{words.recoveryLead(left)}</p>
      <Button className="self-start" onClick={() => setOpen(true)}>
        {words.renew}
      </Button>
      <Dialog open={open} onOpenChange={close} title={words.renew} wide>
        {renew.data ? (
          <>
            <RecoveryCodes codes={renew.data.recoveryCodes} onKept={() => setKept(true)} />
            <Button kind="primary" className="self-end" disabled={!kept} onClick={close}>
              {common.close}
            </Button>
          </>
        ) : (
          <>
            <p>{words.renewLead}</p>
            <ActFailure error={renew.error} />
            <div className="flex justify-end gap-2">
              <Button onClick={close}>{common.cancel}</Button>
              <Button kind="primary" busy={renew.isPending} onClick={() => renew.mutate()}>
                {words.renew}
              </Button>
            </div>
          </>
        )}
      </Dialog>
    </Section>
  );
}
