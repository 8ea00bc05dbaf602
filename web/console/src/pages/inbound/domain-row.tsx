import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { InboundDomain, InboundHostLook } from '../../api-types.ts';
import { checkInboundHost, inboundQuery, removeInboundHost, setInboundHost } from '../../data/inbound.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { codeWords } from '../../text/decisions.ts';
import { inboundText as words } from '../../text/inbound.ts';

export function DomainRow({ domain: one, may }: { domain: InboundDomain; may: boolean }) {
  const check = useMutation({ mutationFn: () => checkInboundHost(one.domain) });
  const { host, port } = one;
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-2 border-b border-line py-3">
      <p className="min-w-0 flex-1 basis-48 font-medium [overflow-wrap:anywhere]">{one.domain}</p>
      <p className="min-w-0 flex-1 basis-64 [overflow-wrap:anywhere]">
        {host === null || port === null ? (
          <span className="text-ink-2">{words.notAccepted}</span>
        ) : (
          words.handedTo(host, port)
        )}
        {one.changedAt && one.changedBy && (
          <span className="block text-ink-2">
            {words.changed} <When time={one.changedAt} /> {words.by} {one.changedBy.label}
          </span>
        )}
      </p>
      {may && (
        <div className="flex flex-wrap gap-2">
          {host !== null && (
            <Button busy={check.isPending} onClick={() => check.mutate()}>
              {words.check}
            </Button>
          )}
          <SetHost domain={one} />
          {host !== null && <Stop domain={one.domain} />}
        </div>
      )}
      <div className="basis-full empty:hidden">
        <ActFailure error={check.error} />
        {check.data && <Looked look={check.data} />}
      </div>
    </li>
  );
}

function Looked({ look }: { look: InboundHostLook }) {
  const code = look.failure ?? look.detail;
  const why = code === null ? look.tlsVersion : (words.details[code] ?? codeWords(code, {}));
  return (
    <Notice tone={look.outcome === 'ready' ? 'done' : 'held'} live title={words.outcomes[look.outcome]}>
      {why}
    </Notice>
  );
}

function SetHost({ domain: { domain, host, port } }: { domain: InboundDomain }) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(host ?? '');
  const [number, setNumber] = useState(String(port ?? 25));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => setInboundHost(domain, name.trim(), Number(number)),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: inboundQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{host === null ? words.set : words.change}</Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.setTitle(domain)} description={words.setLead}>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <TextField
            label={words.host}
            hint={words.hostHint}
            required
            maxLength={253}
            autoCapitalize="none"
            spellCheck={false}
            value={name}
            error={fieldError(save.error, 'host')}
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label={words.port}
            required
            inputMode="numeric"
            pattern="[0-9]{1,5}"
            value={number}
            error={fieldError(save.error, 'port')}
            onChange={(event) => setNumber(event.target.value)}
          />
          <ActFailure error={save.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
            <Button type="submit" kind="primary" busy={save.isPending}>
              {words.save}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}

function Stop({ domain }: { domain: string }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => removeInboundHost(domain),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: inboundQuery.queryKey });
    },
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.stop}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.stopTitle(domain)} description={words.stopLead}>
        <ActFailure error={stop.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          <Button kind="danger" busy={stop.isPending} onClick={() => stop.mutate()}>
            {words.stop}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
