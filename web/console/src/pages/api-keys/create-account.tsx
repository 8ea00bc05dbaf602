import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { createServiceAccount, serviceAccountsQuery } from '../../data/machine-keys.ts';
import { useSession } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { machinesText as words } from '../../text/machine-keys.ts';
import { PersonChooser } from '../people/person-chooser.tsx';
import { PermissionTicks } from './permission-ticks.tsx';

export function CreateAccount({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onOpenChange={(next) => !next && onClose()} title={words.create}>
      <Form onDone={onClose} />
    </Dialog>
  );
}

function Form({ onDone }: { onDone: () => void }) {
  const session = useSession();
  const [name, setName] = useState('');
  const [owner, setOwner] = useState(session?.identity.id ?? '');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(['messages:send', 'messages:read']));
  const client = useQueryClient();
  const own = session?.permissions ?? [];
  const given = own.filter((one) => chosen.has(one));
  const save = useMutation({
    mutationFn: () => createServiceAccount({ name: name.trim(), owner, permissions: given }),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: serviceAccountsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label={words.name}
        hint={words.nameHint}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <PersonChooser label={words.owner} required value={owner} onChange={setOwner} />
      <PermissionTicks legend={words.permissions} possible={own} chosen={chosen} onChange={setChosen} />
      <ActFailure error={save.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending} disabled={given.length === 0}>
          {words.make}
        </Button>
      </div>
    </form>
  );
}
