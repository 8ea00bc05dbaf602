import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { createSsoConnection, ssoConnectionsQuery } from '../../data/single-sign-on.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { ssoText as words } from '../../text/single-sign-on.ts';

const KINDS = ['oidc', 'saml'] as const;

export function AddConnection() {
  const [open, setOpen] = useState(false);
  const [kind, setKind] = useState<(typeof KINDS)[number]>('oidc');
  const [name, setName] = useState('');
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => createSsoConnection(kind, name.trim()),
    onSuccess: async () => {
      setOpen(false);
      setName('');
      await client.invalidateQueries({ queryKey: ssoConnectionsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        {words.add}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.addTitle} description={words.addLead}>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <Choice
            label={words.kind}
            value={kind}
            choices={KINDS.map((value) => ({ value, label: words.kinds[value] }))}
            onChange={(event) => setKind(event.target.value === 'saml' ? 'saml' : 'oidc')}
          />
          <TextField
            label={words.name}
            hint={words.nameHint}
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <ActFailure error={add.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
            <Button type="submit" kind="primary" busy={add.isPending}>
              {words.add}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
