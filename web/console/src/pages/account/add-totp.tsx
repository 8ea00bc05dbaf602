import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { accountQuery, addTotp, beginTotp } from '../../data/account.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { accountText as words } from '../../text/account.ts';
import { common } from '../../text/common.ts';
import { TotpPicture } from '../setup/totp-picture.tsx';
import { CodeField } from '../sign-in/code-field.tsx';

/** Adds an authenticator app to one's own account. */
export function AddTotp({ onClose }: { onClose: () => void }) {
  const [label, setLabel] = useState<string>(words.unnamed.totp);
  const [code, setCode] = useState('');
  const client = useQueryClient();
  const begun = useQuery({
    queryKey: ['account', 'totp'],
    queryFn: beginTotp,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });
  const add = useMutation({
    mutationFn: (ceremony: string) => addTotp(ceremony, code.replaceAll(/\s/g, ''), label.trim()),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey, exact: true });
      onClose();
    },
    onError: () => setCode(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (begun.data) add.mutate(begun.data.ceremony);
  };
  return (
    <Dialog open onOpenChange={onClose} title={words.addTotp}>
      {begun.isPending && <RowsSkeleton rows={4} label={common.loading} />}
      {begun.isError && <Failure error={begun.error} retry={() => void begun.refetch()} />}
      {begun.data && (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <TotpPicture {...begun.data} />
          <ActFailure error={add.error} />
          <CodeField kind="totp" value={code} onChange={setCode} />
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
              {words.addTotpGo}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
