import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { accountQuery, addPasskey } from '../../data/account.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { accountText as words } from '../../text/account.ts';
import { common } from '../../text/common.ts';

/** Adds a passkey or hardware key to one's own account. */
export function AddPasskey({ onClose }: { onClose: () => void }) {
  const [label, setLabel] = useState<string>(words.unnamed.passkey);
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => addPasskey(label.trim()),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Dialog open onOpenChange={onClose} title={words.addPasskey} description={words.addPasskeyLead}>
      {browserSupportsWebAuthn() ? (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <ActFailure error={add.error} />
          <TextField
            label={words.label}
            required
            maxLength={100}
            value={label}
            onChange={(event) => setLabel(event.target.value)}
          />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{common.cancel}</Button>
            <Button type="submit" kind="primary" busy={add.isPending}>
              {words.addPasskeyGo}
            </Button>
          </div>
        </form>
      ) : (
        <Notice tone="held">{words.unsupported}</Notice>
      )}
    </Dialog>
  );
}
