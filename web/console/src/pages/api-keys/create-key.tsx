import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { IssuedApiKey } from '../../api-types.ts';
import { apiKeysQuery, createApiKey } from '../../data/administration.ts';
import { useSession } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextArea, TextField, Tick } from '../../parts/field.tsx';
import { permissionText, apiKeysText as words } from '../../text/administration.ts';
import { common } from '../../text/common.ts';

/** What a sending program needs; everything else is ticked deliberately. */
const FIRST: ReadonlySet<string> = new Set(['messages:send', 'messages:read']);

/** Everyday permissions first, the operator's last. */
const ORDER = Object.keys(permissionText);

export function CreateKey(props: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onIssued: (issued: IssuedApiKey) => void;
}) {
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={words.create}>
      <CreateForm
        onIssued={(issued) => {
          props.onOpenChange(false);
          props.onIssued(issued);
        }}
        onCancel={() => props.onOpenChange(false)}
      />
    </Dialog>
  );
}

function CreateForm({
  onIssued,
  onCancel,
}: {
  onIssued: (issued: IssuedApiKey) => void;
  onCancel: () => void;
}) {
  const session = useSession();
  const own = (session?.permissions ?? []).toSorted(
    (one, other) => ORDER.indexOf(one) - ORDER.indexOf(other),
  );
  const [label, setLabel] = useState('');
  const [until, setUntil] = useState('');
  const [networks, setNetworks] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(FIRST);
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () =>
      createApiKey({
        label: label.trim(),
        permissions: own.filter((one) => chosen.has(one)),
        networks: networks.split(/[\s,]+/).filter((one) => one !== ''),
        ...(until === '' ? {} : { expiresAt: new Date(`${until}T23:59:59`).toISOString() }),
      }),
    onSuccess: async (issued) => {
      onIssued(issued);
      await client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    },
  });
  const toggle = (permission: string) => {
    const next = new Set(chosen);
    if (!next.delete(permission)) next.add(permission);
    setChosen(next);
  };
  const none = !own.some((one) => chosen.has(one));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!none) create.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={create.error} />
      <TextField
        label={words.label}
        hint={words.labelHint}
        required
        maxLength={100}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 font-medium">{words.permissions}</legend>
        {own.map((permission) => (
          <Tick
            key={permission}
            label={permissionText[permission] ?? permission}
            checked={chosen.has(permission)}
            onChange={() => toggle(permission)}
          />
        ))}
        {none && <p className="text-failed">{words.noPermission}</p>}
      </fieldset>
      <TextField
        label={words.expires}
        hint={words.expiresHint}
        type="date"
        optional
        value={until}
        onChange={(event) => setUntil(event.target.value)}
      />
      <TextArea
        label={words.networks}
        hint={words.networksHint}
        rows={2}
        optional
        spellCheck={false}
        value={networks}
        onChange={(event) => setNetworks(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={create.isPending}>
          {words.make}
        </Button>
      </div>
    </form>
  );
}
