import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Member } from '../../api-types.ts';
import { startRecovery } from '../../data/account.ts';
import { Button } from '../../parts/button.tsx';
import { CopyBox } from '../../parts/copy-box.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { When } from '../../parts/when.tsx';
import { recoveryText as words } from '../../text/account.ts';
import { settingsText } from '../../text/administration.ts';
import { common } from '../../text/common.ts';

/** A one-time link for somebody who has lost what they sign in with. */
export function RestoreAccess({ member }: { member: Member }) {
  const [open, setOpen] = useState(false);
  const { displayName, id } = member.identity;
  const start = useMutation({ mutationFn: () => startRecovery(id) });
  const close = () => {
    setOpen(false);
    start.reset();
  };
  return (
    <>
      <Button aria-label={words.startLabel(displayName)} onClick={() => setOpen(true)}>
        {words.start}
      </Button>
      <Dialog
        open={open}
        onOpenChange={close}
        title={words.startTitle(displayName)}
        description={start.data ? words.link : words.startLead}
      >
        <ActFailure error={start.error} />
        {start.data ? (
          <>
            <CopyBox
              label={settingsText.people.link}
              text={`${window.location.origin}/recovery#${start.data.token}`}
            />
            <p className="text-ink-2">
              {settingsText.people.until} <When time={start.data.expiresAt} as="long" />
            </p>
            <Button kind="primary" className="self-end" onClick={close}>
              {common.close}
            </Button>
          </>
        ) : (
          <div className="flex justify-end gap-2">
            <Button onClick={close}>{common.cancel}</Button>
            <Button kind="primary" busy={start.isPending} onClick={() => start.mutate()}>
              {words.startGo}
            </Button>
          </div>
        )}
      </Dialog>
    </>
  );
}
