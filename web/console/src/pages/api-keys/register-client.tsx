import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ServiceAccount } from '../../api-types.ts';
import { apiKeysQuery } from '../../data/administration.ts';
import { registerClient, serviceAccountsQuery } from '../../data/machine-keys.ts';
import { Button } from '../../parts/button.tsx';
import { CopyBox } from '../../parts/copy-box.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice, TextArea, TextField, Tick } from '../../parts/field.tsx';
import { apiKeysText } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { machinesText as words } from '../../text/machine-keys.ts';
import { PermissionTicks } from './permission-ticks.tsx';

/** Registers an OAuth client; its id is shown when it is made, and among the keys ever after. */
export function RegisterClient({
  open,
  accounts,
  onClose,
}: {
  open: boolean;
  accounts: readonly ServiceAccount[];
  onClose: () => void;
}) {
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && onClose()}
      title={words.client}
      description={words.clientLead}
    >
      <Form accounts={accounts} onDone={onClose} />
    </Dialog>
  );
}

function Form({ accounts, onDone }: { accounts: readonly ServiceAccount[]; onDone: () => void }) {
  const [label, setLabel] = useState('');
  const [account, setAccount] = useState(accounts[0]?.id ?? '');
  const [keys, setKeys] = useState('');
  const [bind, setBind] = useState(false);
  const possible = accounts.find(({ id }) => id === account)?.permissions ?? [];
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(possible));
  const client = useQueryClient();
  const given = possible.filter((one) => chosen.has(one));
  const save = useMutation({
    mutationFn: () =>
      registerClient({
        ...{ label: label.trim(), serviceAccount: account, permissions: given },
        ...{ keys, bindCertificate: bind },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
      await client.invalidateQueries({ queryKey: serviceAccountsQuery.queryKey });
    },
  });
  const readable = keys.trim().startsWith('https:') || isJson(keys);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (readable) save.mutate();
  };
  if (save.data) {
    return (
      <div className="flex flex-col gap-4">
        <CopyBox label={words.registered} text={save.data.prefix} />
        <div className="flex justify-end">
          <Button kind="primary" onClick={onDone}>
            {common.close}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label={apiKeysText.label}
        required
        maxLength={100}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <Choice
        label={words.account}
        value={account}
        choices={accounts.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(event) => setAccount(event.target.value)}
      />
      <PermissionTicks
        legend={apiKeysText.permissions}
        possible={possible}
        chosen={chosen}
        onChange={setChosen}
      />
      <TextArea
        label={words.keySet}
        hint={words.keySetHint}
        required
        rows={5}
        spellCheck={false}
        value={keys}
        error={keys !== '' && !readable ? words.keySetBad : null}
        onChange={(event) => setKeys(event.target.value)}
      />
      <Tick label={words.bind} checked={bind} onChange={() => setBind(!bind)} />
      <ActFailure error={save.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending} disabled={given.length === 0}>
          {words.register}
        </Button>
      </div>
    </form>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
