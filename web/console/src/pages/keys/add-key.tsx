import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { addRecipientKey, recipientKeysQuery } from '../../data/administration.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { TextArea, TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { keysText as words } from '../../text/keys.ts';

/** Adds a key that somebody handed over; whoever does so vouches for it. */
export function AddKey(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={words.add} description={words.addLead}>
      <AddForm onDone={() => props.onOpenChange(false)} />
    </Dialog>
  );
}

function AddForm({ onDone }: { onDone: () => void }) {
  const [address, setAddress] = useState('');
  const [key, setKey] = useState('');
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => addRecipientKey({ address: address.trim(), key: key.trim() }),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: recipientKeysQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={add.error} />
      <TextField
        label={words.address}
        type="email"
        required
        maxLength={320}
        value={address}
        error={fieldError(add.error, 'address')}
        onChange={(event) => setAddress(event.target.value)}
      />
      <TextArea
        label={words.key}
        hint={words.keyHint}
        required
        rows={8}
        spellCheck={false}
        className="font-mono text-xs"
        value={key}
        error={fieldError(add.error, 'key')}
        onChange={(event) => setKey(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={add.isPending}>
          {words.addGo}
        </Button>
      </div>
    </form>
  );
}
