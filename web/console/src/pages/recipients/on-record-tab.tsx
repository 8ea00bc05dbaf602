import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Contact, Search } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Recipient } from '../../api-types.ts';
import { findRecipient, recipientsQuery } from '../../data/recipients.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { recipientsText as words } from '../../text/recipients.ts';
import { RecipientDialog } from './recipient-form.tsx';
import { RecipientRow } from './recipient-row.tsx';

export function OnRecordTab() {
  const may = useMay('recipients:manage');
  const recipients = useInfiniteQuery(recipientsQuery);
  const find = useMutation({ mutationFn: findRecipient });
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<Recipient | null>(null);
  const all = recipients.data?.pages.flatMap((page) => page.items) ?? [];
  const found = find.data?.recipient;
  const items = found ? [all.find(({ id }) => id === found.id) ?? found] : all;
  const nothingFound = find.data !== undefined && found === null;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-x-6 gap-y-3">
        <Find find={find} />
        {may && (
          <Button
            kind="primary"
            icon={<Contact aria-hidden="true" className="size-4" />}
            onClick={() => setAdding(true)}
          >
            {words.add}
          </Button>
        )}
      </div>
      <ActFailure error={find.error} />
      <div aria-live="polite">{nothingFound && <p>{words.findNone}</p>}</div>
      {recipients.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {recipients.isError && <Failure error={recipients.error} retry={() => void recipients.refetch()} />}
      {recipients.data && all.length === 0 && !found && (
        <Empty icon={<Contact />} title={words.emptyTitle}>
          {words.empty}
        </Empty>
      )}
      {items.length > 0 && !nothingFound && (
        <ul className="border-t border-line">
          {items.map((one) => (
            <RecipientRow
              key={one.id}
              recipient={one}
              may={may}
              onChange={() => setChanging(one)}
              onRemoved={() => find.reset()}
            />
          ))}
        </ul>
      )}
      {find.data === undefined && recipients.hasNextPage && (
        <Button busy={recipients.isFetchingNextPage} onClick={() => void recipients.fetchNextPage()}>
          {common.more}
        </Button>
      )}
      <RecipientDialog open={adding} recipient={null} onEnd={() => setAdding(false)} />
      <RecipientDialog
        open={changing !== null}
        recipient={changing}
        onEnd={(saved) => {
          setChanging(null);
          if (saved && found) find.mutate(saved.address);
        }}
      />
    </div>
  );
}

/** By the whole address: it is posted and stands in no URL. */
function Find({
  find,
}: {
  find: {
    data: unknown;
    error: Error | null;
    isPending: boolean;
    mutate: (address: string) => void;
    reset: () => void;
  };
}) {
  const [address, setAddress] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    find.mutate(address.trim());
  };
  return (
    <form onSubmit={submit} className="flex min-w-0 flex-1 basis-72 flex-wrap items-end gap-2">
      <div className="min-w-0 flex-1 basis-56">
        <TextField
          label={words.find}
          hint={words.findHint}
          type="email"
          required
          autoComplete="off"
          value={address}
          error={fieldError(find.error, 'address')}
          onChange={(event) => setAddress(event.target.value)}
        />
      </div>
      <Button type="submit" busy={find.isPending} icon={<Search aria-hidden="true" className="size-4" />}>
        {common.search}
      </Button>
      {find.data !== undefined && (
        <Button
          onClick={() => {
            setAddress('');
            find.reset();
          }}
        >
          {words.all}
        </Button>
      )}
    </form>
  );
}
