import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Recipient } from '../../api-types.ts';
import { recipientsQuery, removeRecipient } from '../../data/recipients.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { recipientsText as words } from '../../text/recipients.ts';

/** One recipient in a line: the address, and what is on record beside it. */
export function RecipientRow(props: {
  recipient: Recipient;
  may: boolean;
  onChange: () => void;
  onRemoved: () => void;
}) {
  const { recipient } = props;
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium [overflow-wrap:anywhere]">{recipient.address}</p>
        <p className="tabular text-ink-2 [overflow-wrap:anywhere]">{summary(recipient)}</p>
      </div>
      <p className="text-ink-2">
        {words.changed} <When time={recipient.changedAt} /> {words.by} {recipient.changedBy.label}
      </p>
      {props.may && (
        <div className="flex gap-2">
          <Button onClick={props.onChange}>{words.change}</Button>
          <Remove recipient={recipient} onRemoved={props.onRemoved} />
        </div>
      )}
    </li>
  );
}

function summary({ mobile, stopped, challenge, fallback }: Recipient): string {
  const parts = [
    mobile,
    stopped ? words.says.stopped : null,
    challenge ? words.says.question[challenge.kind] : null,
    fallback ? words.says.fallback[fallback.kind] : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? words.says.nothing : parts.join(', ');
}

function Remove({ recipient, onRemoved }: { recipient: Recipient; onRemoved: () => void }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeRecipient(recipient.id, recipient.version),
    onSuccess: async () => {
      setOpen(false);
      onRemoved();
      await client.invalidateQueries({ queryKey: recipientsQuery.queryKey });
    },
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.remove}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={words.removeTitle(recipient.address)}
        description={words.removeLead}
      >
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
