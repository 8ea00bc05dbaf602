import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ProvisioningConnection, ProvisioningRun } from '../../api-types.ts';
import {
  askForPass,
  confirmRun,
  connectionsQuery,
  removeConnection,
  runQuery,
} from '../../data/provisioning.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { provisioningText as words } from '../../text/provisioning.ts';
import { ConnectionForm } from './connection-form.tsx';

export function ConnectionRow({ connection, may }: { connection: ProvisioningConnection; may: boolean }) {
  const { id, name, host, port, enabled, everyMinutes, last } = connection;
  const client = useQueryClient();
  const pass = useMutation({
    mutationFn: (dry: boolean) => askForPass(id, dry),
    onSuccess: () => client.invalidateQueries({ queryKey: connectionsQuery.queryKey }),
  });
  return (
    <li className="flex flex-col gap-3 border-b border-line py-3">
      <div className="flex flex-wrap items-baseline gap-x-6 gap-y-2">
        <p className="min-w-0 flex-1 basis-48 font-medium [overflow-wrap:anywhere]">{name}</p>
        <p className="min-w-0 flex-1 basis-64 text-ink-2 [overflow-wrap:anywhere]">
          {host}, {port}. {enabled ? words.every(everyMinutes) : words.off}
        </p>
      </div>
      {last === null ? <p className="text-ink-2">{words.never}</p> : <Run run={last} may={may} />}
      {may && (
        <div className="flex flex-wrap gap-2">
          <Button busy={pass.isPending} onClick={() => pass.mutate(true)}>
            {words.plan}
          </Button>
          {enabled && (
            <Button busy={pass.isPending} onClick={() => pass.mutate(false)}>
              {words.now}
            </Button>
          )}
          <ConnectionForm connection={connection} />
          <Remove id={id} name={name} />
        </div>
      )}
      <ActFailure error={pass.error} />
      {pass.isSuccess && <Notice live>{words.asked}</Notice>}
    </li>
  );
}

function Run({ run, may }: { run: ProvisioningRun; may: boolean }) {
  const { state, reason, counts, done, total, confirmedAt } = run;
  const client = useQueryClient();
  const confirm = useMutation({
    mutationFn: () => confirmRun(run.id),
    onSuccess: () => client.invalidateQueries({ queryKey: connectionsQuery.queryKey }),
  });
  const bad = state === 'failed' || state === 'stopped';
  const title = state === 'running' ? words.running(done, total) : words.states[state];
  return (
    <Notice tone={bad ? 'held' : state === 'finished' ? 'done' : 'info'} title={title}>
      <span className="flex flex-col gap-2">
        <span>
          <When time={run.endedAt ?? run.startedAt} />
          {counts.people !== undefined &&
            `: ${words.counts(counts.people, counts.add ?? 0, counts.change ?? 0, counts.end ?? 0)}`}
        </span>
        {reason !== null && <span>{words.reasons[reason] ?? words.reasonCode(reason)}</span>}
        {confirmedAt !== null && <span>{words.confirmed}</span>}
        <span className="flex flex-wrap gap-2">
          {counts.people !== undefined && <PlanDialog id={run.id} />}
          {may && state === 'stopped' && confirmedAt === null && (
            <Button kind="danger" busy={confirm.isPending} onClick={() => confirm.mutate()}>
              {words.confirm(counts.end ?? 0)}
            </Button>
          )}
        </span>
        <ActFailure error={confirm.error} />
      </span>
    </Notice>
  );
}

function PlanDialog({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{words.showPlan}</Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.planTitle} description={words.planLead}>
        {open && <PlanLines id={id} />}
      </Dialog>
    </>
  );
}

function PlanLines({ id }: { id: string }) {
  const plan = useQuery(runQuery(id));
  if (plan.isPending) return <RowsSkeleton rows={4} label={words.loading} />;
  if (plan.isError) return <Failure error={plan.error} retry={() => void plan.refetch()} />;
  const { lines } = plan.data;
  if (lines.length === 0) return <p>{words.planEmpty}</p>;
  return (
    <ul className="max-h-96 overflow-y-auto border-t border-line">
      {lines.map(({ kind, address }) => (
        <li key={`${kind} ${address}`} className="flex flex-wrap gap-x-4 border-b border-line py-2">
          <span className="min-w-0 flex-1 basis-48 [overflow-wrap:anywhere]">{address}</span>
          <span className="text-ink-2">{words.lines[kind]}</span>
        </li>
      ))}
    </ul>
  );
}

function Remove({ id, name }: { id: string; name: string }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeConnection(id),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: ['provisioning'] });
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
        title={words.removeTitle(name)}
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
