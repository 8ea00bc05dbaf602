import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { PdfPasswordSet } from '../../api-types.ts';
import { pdfPasswordsQuery, setPdfPassword } from '../../data/administration.ts';
import { Button } from '../../parts/button.tsx';
import { CopyBox } from '../../parts/copy-box.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { PassphraseField } from '../../parts/passphrase-field.tsx';
import { pdfPasswordsText as words } from '../../text/administration.ts';
import { common } from '../../text/common.ts';

/** Sets one recipient's password; one that was made is seen this once. */
export function SetPassword({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const [done, setDone] = useState<PdfPasswordSet | null>(null);
  const change = (next: boolean) => {
    onOpenChange(next);
    if (!next) setDone(null);
  };
  return (
    <Dialog open={open} onOpenChange={change} title={done ? words.doneTitle : words.add}>
      {done ? (
        <>
          <p className="text-ink-2">{done.password === null ? words.doneGiven : words.doneLead}</p>
          {done.password !== null && <CopyBox label={words.made} text={done.password} />}
          <Button kind="primary" className="self-end" onClick={() => change(false)}>
            {done.password === null ? common.close : words.kept}
          </Button>
        </>
      ) : (
        <SetForm onDone={setDone} onCancel={() => change(false)} />
      )}
    </Dialog>
  );
}

function SetForm({ onDone, onCancel }: { onDone: (done: PdfPasswordSet) => void; onCancel: () => void }) {
  const [address, setAddress] = useState('');
  const [password, setPassword] = useState('');
  const client = useQueryClient();
  const set = useMutation({
    mutationFn: () => setPdfPassword(address.trim(), password),
    onSuccess: async (done) => {
      onDone(done);
      await client.invalidateQueries({ queryKey: pdfPasswordsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={set.error} />
      <TextField
        label={words.address}
        type="email"
        required
        value={address}
        error={fieldError(set.error, 'address')}
        onChange={(event) => setAddress(event.target.value)}
      />
      <PassphraseField
        label={words.password}
        hint={words.passwordHint}
        autoComplete="off"
        value={password}
        error={fieldError(set.error, 'password')}
        onChange={(event) => setPassword(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={set.isPending}>
          {words.set}
        </Button>
      </div>
    </form>
  );
}
