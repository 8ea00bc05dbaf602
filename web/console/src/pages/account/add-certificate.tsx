import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { accountQuery, addCertificate, ownCertificateQuery } from '../../data/account.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { When } from '../../parts/when.tsx';
import { accountText as words } from '../../text/account.ts';
import { common } from '../../text/common.ts';

/** Adds the certificate that the browser shows to one's own account. */
export function AddCertificate({ onClose }: { onClose: () => void }) {
  const [label, setLabel] = useState<string>(words.unnamed.certificate);
  const client = useQueryClient();
  const found = useQuery(ownCertificateQuery);
  const add = useMutation({
    mutationFn: () => addCertificate(label.trim()),
    async onSuccess() {
      await client.invalidateQueries({ queryKey: accountQuery.queryKey, exact: true });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const shown = found.data?.shown;
  const fault = found.data?.fault ?? null;
  return (
    <Dialog open onOpenChange={onClose} title={words.addCertificate} description={words.addCertificateLead}>
      {found.isPending && <RowsSkeleton rows={3} label={words.certificateLoading} />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {shown && (
        <Facts
          facts={[
            [words.certificateOf, oneLine(shown.subject)],
            [words.certificateBy, oneLine(shown.issuer)],
            [words.certificateUntil, <When key="until" time={shown.expiresAt} />],
          ]}
        />
      )}
      {fault !== null && <Notice tone="held">{words.certificateFaults[fault]}</Notice>}
      {found.data && fault === null && (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <ActFailure error={add.error} />
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
              {words.addCertificateGo}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** Distinguished names come with one attribute a line; their types (`CN=`) say nothing to most people. */
const oneLine = (name: string) =>
  name
    .split('\n')
    .map((line) => line.replace(/^[A-Za-z\d.]+=/, ''))
    .join(', ');
