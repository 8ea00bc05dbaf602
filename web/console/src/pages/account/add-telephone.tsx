import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { accountQuery, addTelephone, textTelephone } from '../../data/account.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { accountText as words } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { CodeField } from '../sign-in/code-field.tsx';

/** Adds a telephone to which codes are texted to one's own account: first the number, then the code. */
export function AddTelephone({ onClose }: { onClose: () => void }) {
  const [number, setNumber] = useState('');
  const text = useMutation({ mutationFn: () => textTelephone(number.trim()) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    text.mutate();
  };
  const wrong = fieldError(text.error, 'number') === undefined ? undefined : words.numberWrong;
  return (
    <Dialog open onOpenChange={onClose} title={words.addTelephone} description={words.addTelephoneLead}>
      {text.data ? (
        <Prove {...text.data} onClose={onClose} />
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4">
          {!wrong && <ActFailure error={text.error} />}
          <TextField
            label={words.number}
            hint={words.numberHint}
            type="tel"
            autoComplete="tel"
            required
            maxLength={40}
            error={wrong}
            value={number}
            onChange={(event) => setNumber(event.target.value)}
          />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{common.cancel}</Button>
            <Button type="submit" kind="primary" busy={text.isPending}>
              {words.addTelephoneText}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

function Prove({ ceremony, masked, onClose }: { ceremony: string; masked: string; onClose: () => void }) {
  const [label, setLabel] = useState<string>(words.unnamed['texted-code']);
  const [code, setCode] = useState('');
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => addTelephone(ceremony, code.replaceAll(/\s/g, ''), label.trim()),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey, exact: true });
      onClose();
    },
    onError: () => setCode(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <p>{words.addTelephoneSent(masked)}</p>
      <ActFailure error={add.error} />
      <CodeField kind="texted-code" value={code} onChange={setCode} />
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
          {words.addTelephoneGo}
        </Button>
      </div>
    </form>
  );
}
