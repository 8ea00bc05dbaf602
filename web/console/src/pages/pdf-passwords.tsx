import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileLock2 } from 'lucide-react';
import { useState } from 'react';
import type { PdfPassword } from '../api-types.ts';
import { pdfPasswordsQuery, removePdfPassword } from '../data/administration.ts';
import { useMay } from '../data/session.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Empty, RowsSkeleton } from '../parts/empty.tsx';
import { ActFailure, Failure } from '../parts/failure.tsx';
import { Page } from '../parts/page.tsx';
import { When } from '../parts/when.tsx';
import { pdfPasswordsText as words } from '../text/administration.ts';
import { common } from '../text/common.ts';
import { SetPassword } from './pdf-passwords/set-password.tsx';
import { PasswordWays } from './pdf-passwords/ways.tsx';

/** Recipients with an agreed password for the protected PDF; the passwords themselves are never shown. */
export function PdfPasswordsPage() {
  const may = useMay('policies:write');
  const passwords = useQuery(pdfPasswordsQuery);
  const [setting, setSetting] = useState(false);
  const add = may && (
    <Button
      kind="primary"
      icon={<FileLock2 aria-hidden="true" className="size-4" />}
      onClick={() => setSetting(true)}
    >
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={add}>
      {passwords.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {passwords.isError && <Failure error={passwords.error} retry={() => void passwords.refetch()} />}
      {passwords.data?.items.length === 0 && <Empty icon={<FileLock2 />} title={words.none} />}
      {passwords.data && passwords.data.items.length > 0 && (
        <ul className="border-t border-line">
          {passwords.data.items.map((one) => (
            <PasswordRow key={one.id} password={one} may={may} />
          ))}
        </ul>
      )}
      {passwords.data?.next && <p className="text-ink-2">{words.more}</p>}
      <PasswordWays may={may} />
      <SetPassword open={setting} onOpenChange={setSetting} />
    </Page>
  );
}

function PasswordRow({ password, may }: { password: PdfPassword; may: boolean }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-3">
      <p className="min-w-0 flex-1 basis-64 font-medium [overflow-wrap:anywhere]">{password.address}</p>
      <p className="text-ink-2">
        {words.since} <When time={password.changedAt} /> {words.by} {password.changedBy.label}
      </p>
      {may && <Remove password={password} />}
    </li>
  );
}

function Remove({ password }: { password: PdfPassword }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removePdfPassword(password.id),
    onSuccess: () => client.invalidateQueries({ queryKey: pdfPasswordsQuery.queryKey }),
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.remove}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.removeTitle} description={words.removeLead}>
        <ActFailure error={remove.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            {words.remove}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
