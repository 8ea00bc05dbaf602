import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Bot, Plus } from 'lucide-react';
import { useState } from 'react';
import type { ServiceAccount } from '../../api-types.ts';
import { apiKeysQuery } from '../../data/administration.ts';
import { changeOwner, endServiceAccount, serviceAccountsQuery } from '../../data/machine-keys.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { When } from '../../parts/when.tsx';
import { permissionText } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { machinesText as words } from '../../text/machine-keys.ts';
import { PersonChooser } from '../people/person-chooser.tsx';
import { CreateAccount } from './create-account.tsx';
import { RegisterClient } from './register-client.tsx';

/** Identities of programs, with who answers for each. */
export function ServiceAccounts({ may }: { may: boolean }) {
  const accounts = useQuery(serviceAccountsQuery);
  const [making, setMaking] = useState<'account' | 'client' | null>(null);
  const standing = accounts.data?.items.filter(({ endedAt }) => endedAt === null) ?? [];
  return (
    <div className="flex flex-col gap-4">
      <p className="prose-width text-ink-2">{words.accountsLead}</p>
      {may && (
        <div className="flex flex-wrap gap-2">
          <Button icon={<Plus aria-hidden="true" className="size-4" />} onClick={() => setMaking('account')}>
            {words.create}
          </Button>
          {standing.length > 0 && <Button onClick={() => setMaking('client')}>{words.client}</Button>}
        </div>
      )}
      {accounts.isPending && <RowsSkeleton rows={2} label={words.accountsLoading} />}
      {accounts.isError && <Failure error={accounts.error} retry={() => void accounts.refetch()} />}
      {accounts.data?.items.length === 0 && <Empty icon={<Bot />} title={words.noAccounts} />}
      {accounts.data && accounts.data.items.length > 0 && (
        <ul className="border-t border-line">
          {accounts.data.items.map((one) => (
            <AccountRow key={one.id} one={one} may={may} />
          ))}
        </ul>
      )}
      <CreateAccount open={making === 'account'} onClose={() => setMaking(null)} />
      <RegisterClient open={making === 'client'} accounts={standing} onClose={() => setMaking(null)} />
    </div>
  );
}

function AccountRow({ one, may }: { one: ServiceAccount; may: boolean }) {
  const ended = one.endedAt !== null;
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72 [overflow-wrap:anywhere]">
        <p>
          <span className={`font-medium ${ended ? 'text-ink-2 line-through' : ''}`}>{one.name}</span>
          {ended && <span className="ml-2 text-ink-2">{words.ended}</span>}
        </p>
        <p className="text-ink-2">
          {words.owner}: {one.owner.label ?? one.owner.id}
        </p>
        {!one.owned && !ended && <p className="text-failed">{words.ownerGone}</p>}
        <p className="text-ink-2">
          {one.permissions.map((each) => permissionText[each] ?? each).join(' · ')}
        </p>
      </div>
      <p className="text-ink-2">
        {words.keysOf(one.keys)} · {words.lastUsed}{' '}
        {one.lastUsedAt ? <When time={one.lastUsedAt} /> : common.never}
      </p>
      {may && !ended && (
        <div className="flex flex-wrap gap-2">
          <NewOwner one={one} />
          <End one={one} />
        </div>
      )}
    </li>
  );
}

function NewOwner({ one }: { one: ServiceAccount }) {
  const [open, setOpen] = useState(false);
  const [owner, setOwner] = useState(one.owner.id);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => changeOwner(one.id, owner),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: serviceAccountsQuery.queryKey });
    },
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>{words.changeOwner}</Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.changeOwner}>
        <PersonChooser label={words.owner} value={owner} onChange={setOwner} />
        <ActFailure error={save.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          <Button kind="primary" busy={save.isPending} disabled={owner === ''} onClick={() => save.mutate()}>
            {words.change}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

function End({ one }: { one: ServiceAccount }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => endServiceAccount(one.id),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: serviceAccountsQuery.queryKey });
      await client.invalidateQueries({ queryKey: apiKeysQuery.queryKey });
    },
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.end}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.endTitle(one.name)} description={words.endLead}>
        <ActFailure error={end.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          <Button kind="danger" busy={end.isPending} onClick={() => end.mutate()}>
            {words.end}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
