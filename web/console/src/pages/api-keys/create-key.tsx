import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { IssuedApiKey } from '../../api-types.ts';
import { apiKeysQuery, createApiKey } from '../../data/administration.ts';
import { serviceAccountsQuery } from '../../data/machine-keys.ts';
import { useSession } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextArea, TextField } from '../../parts/field.tsx';
import { apiKeysText as words } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { machinesText } from '../../text/machine-keys.ts';
import { PermissionTicks } from './permission-ticks.tsx';

/** What a sending program needs; everything else is ticked deliberately. */
const FIRST: ReadonlySet<string> = new Set(['messages:send', 'messages:read']);

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
  const own = session?.permissions ?? [];
  const [label, setLabel] = useState('');
  const [until, setUntil] = useState('');
  const [networks, setNetworks] = useState('');
  const [account, setAccount] = useState('');
  const [spki, setSpki] = useState('');
  const [mailboxes, setMailboxes] = useState('');
  const accounts = useQuery(serviceAccountsQuery);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(FIRST);
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () =>
      createApiKey({
        label: label.trim(),
        permissions: own.filter((one) => chosen.has(one)),
        networks: linesOf(networks),
        scopes: linesOf(mailboxes).map((id) => ({ kind: 'mailbox' as const, id })),
        certificate: spki.trim() === '' ? null : { spki: spki.trim() },
        serviceAccount: account === '' ? null : account,
        ...(until === '' ? {} : { expiresAt: new Date(`${until}T23:59:59`).toISOString() }),
      }),
    onSuccess: async (issued) => {
      onIssued(issued);
      await client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    },
  });
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
      <PermissionTicks legend={words.permissions} possible={own} chosen={chosen} onChange={setChosen} />
      {none && <p className="text-failed">{words.noPermission}</p>}
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
      <Choice
        label={machinesText.account}
        value={account}
        choices={[
          { value: '', label: machinesText.ofMyself },
          ...(accounts.data?.items ?? [])
            .filter(({ endedAt }) => endedAt === null)
            .map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(event) => setAccount(event.target.value)}
      />
      <TextArea
        label={machinesText.mailboxes}
        hint={machinesText.mailboxesHint}
        rows={2}
        optional
        spellCheck={false}
        value={mailboxes}
        onChange={(event) => setMailboxes(event.target.value)}
      />
      <TextField
        label={machinesText.spki}
        hint={machinesText.spkiHint}
        optional
        maxLength={43}
        spellCheck={false}
        value={spki}
        error={fieldError(create.error, 'certificate')}
        onChange={(event) => setSpki(event.target.value)}
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

function linesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((one) => one !== '');
}
