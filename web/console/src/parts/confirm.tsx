import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { common } from '../text/common.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ActFailure } from './failure.tsx';

/** A button that says what will happen, asks whether it is meant, and then acts. Everything that was read is read anew. */
export function Confirm(props: {
  label: string;
  /** For a screen reader, where the label alone does not say of what. */
  of?: string;
  title: string;
  lead: string;
  act: () => Promise<unknown>;
  kind?: 'secondary' | 'danger';
}) {
  const kind = props.kind ?? 'danger';
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: props.act,
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries();
    },
  });
  const change = (next: boolean) => {
    setOpen(next);
    if (!next) act.reset();
  };
  return (
    <>
      <Button kind={kind} aria-label={props.of} onClick={() => change(true)}>
        {props.label}
      </Button>
      <Dialog open={open} onOpenChange={change} title={props.title} description={props.lead}>
        <ActFailure error={act.error} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={() => change(false)}>{common.cancel}</Button>
          <Button
            kind={kind === 'danger' ? 'danger' : 'primary'}
            busy={act.isPending}
            onClick={() => act.mutate()}
          >
            {props.label}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
