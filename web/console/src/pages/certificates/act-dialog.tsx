import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { certificatesText as words } from '../../text/certificates.ts';
import { common } from '../../text/common.ts';

/** Everything that a change of certificates may change the look of. */
const TOUCHED = ['certificates', 'trust-anchors', 'signing-certificate', 'certificate-directories'];

/** A button that asks for what it needs, or only whether it is meant, and then acts. */
export function ActDialog(props: {
  label: string;
  title: string;
  description?: string;
  act: () => Promise<unknown>;
  confirm: string;
  danger?: boolean;
  onDone?: (answer: unknown) => void;
  children?: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: props.act,
    onSuccess: async (answer) => {
      setOpen(false);
      props.onDone?.(answer);
      await Promise.all(TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
  });
  const change = (next: boolean) => {
    setOpen(next);
    if (!next) act.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate();
  };
  return (
    <>
      <Button kind={props.danger ? 'danger' : 'secondary'} onClick={() => change(true)}>
        {props.label}
      </Button>
      <Dialog
        open={open}
        onOpenChange={change}
        title={props.title}
        {...(props.description === undefined ? {} : { description: props.description })}
      >
        <form onSubmit={submit} className="flex flex-col gap-4">
          <Problem error={act.error} />
          {props.children}
          <div className="flex justify-end gap-2">
            <Button onClick={() => change(false)}>{common.cancel}</Button>
            <Button type="submit" kind={props.danger ? 'danger' : 'primary'} busy={act.isPending}>
              {props.confirm}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}

/** The server's reason in words where it has one of its own for certificates. */
function Problem({ error }: { error: Error | null }) {
  const reason = error instanceof ApiProblem ? String(error.problem.parameters?.reason ?? error.code) : '';
  const text = words.problems[reason];
  return text === undefined ? (
    <ActFailure error={error} />
  ) : (
    <Notice tone="failed" title={common.failure.actTitle}>
      <p>{text}</p>
    </Notice>
  );
}
