import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import type { NewTextGateway, TextGateway } from '../../api-types.ts';
import { type GatewayOf, removeGateway, setGateway, textChannelQuery } from '../../data/recipients.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { textsText as words } from '../../text/recipients.ts';

const TWILIO = 'https://api.twilio.com';

interface Props {
  of: GatewayOf;
  gateway: TextGateway | null;
  may: boolean;
}

/** A gateway as it is set up, or the way to set one up. */
export function Gateway(props: Props) {
  const { gateway, may } = props;
  const [open, setOpen] = useState(false);
  return (
    <>
      {gateway && (
        <p className="[overflow-wrap:anywhere]">
          {gateway.baseUrl}, {gateway.account}, {gateway.sender}.{' '}
          <span className="text-ink-2">
            {words.changed} <When time={gateway.changedAt} /> {words.by} {gateway.changedBy.label}
          </span>
        </p>
      )}
      {may && (
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => setOpen(true)}>{words.set}</Button>
          {gateway && <Remove of={props.of} />}
        </div>
      )}
      <Dialog open={open} onOpenChange={setOpen} title={words.set}>
        <GatewayForm {...props} onEnd={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function GatewayForm({ of, gateway, onEnd }: Props & { onEnd: () => void }) {
  const [draft, setDraft] = useState({
    baseUrl: gateway?.baseUrl ?? TWILIO,
    account: gateway?.account ?? '',
    token: '',
    sender: gateway?.sender ?? '',
    perDay: String(gateway?.perDay ?? 1000),
  });
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => setGateway(of, wanted(draft)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: textChannelQuery.queryKey });
      onEnd();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const field = (name: keyof typeof draft, label: string, hint?: string) => ({
    label,
    hint,
    required: true,
    autoComplete: 'off',
    value: draft[name],
    error: problemOf(save.error, name),
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [name]: event.target.value }),
  });
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={save.error} />
      <TextField {...field('baseUrl', words.baseUrl, words.baseUrlHint)} type="url" maxLength={300} />
      <TextField {...field('account', words.account, words.accountHint)} maxLength={100} />
      <TextField
        {...field('token', words.token, gateway ? words.tokenKept : undefined)}
        type="password"
        required={gateway === null}
        maxLength={500}
      />
      <TextField {...field('sender', words.sender, words.senderHint)} maxLength={40} />
      <TextField
        {...field('perDay', words.perDay, words.perDayHint)}
        type="number"
        min={1}
        max={1_000_000}
        className="max-w-40"
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onEnd}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {common.save}
        </Button>
      </div>
    </form>
  );
}

function wanted(draft: Record<keyof NewTextGateway, string>): NewTextGateway {
  const token = draft.token.trim();
  return {
    baseUrl: draft.baseUrl.trim(),
    account: draft.account.trim(),
    ...(token === '' ? {} : { token }),
    sender: draft.sender.replaceAll(' ', ''),
    perDay: Number(draft.perDay),
  };
}

export function problemOf(error: Error | null, name: string): string | undefined {
  if (error instanceof ApiProblem && error.problem.parameters?.path === name)
    return words.reasons[String(error.problem.parameters.reason)] ?? fieldError(error, name);
  return fieldError(error, name);
}

function Remove({ of }: { of: GatewayOf }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeGateway(of),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: textChannelQuery.queryKey });
    },
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
