import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { PolicyDocument } from '../../api-types.ts';
import { draftsQuery, makeDraft } from '../../data/policy-workbench.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { workbenchText as words } from '../../text/policy-workbench.ts';

/** Keeps a policy as a draft under a name, and goes to it. */
export function KeepDraft(props: {
  document: PolicyDocument;
  baseVersion: number;
  label: string;
  name: string;
  quiet?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(props.name);
  const client = useQueryClient();
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () =>
      makeDraft({ name: name.trim(), policy: props.document, baseVersion: props.baseVersion }),
    onSuccess: async (draft) => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: draftsQuery.queryKey });
      await navigate({ to: '/settings/policy/drafts/$id', params: { id: draft.id } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The dialog stands within the policy's own form, which must not be sent with it.
    event.stopPropagation();
    make.mutate();
  };
  return (
    <>
      <Button kind={props.quiet ? 'quiet' : 'secondary'} onClick={() => setOpen(true)}>
        {props.label}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={props.label}>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <TextField
            label={words.draftName}
            hint={words.draftNameHint}
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <ActFailure error={make.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
            <Button type="submit" kind="primary" busy={make.isPending} disabled={name.trim() === ''}>
              {words.keepDraft}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
