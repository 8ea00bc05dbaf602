import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CancelResult, DeliveryDetail, MessageDetail, RetractResult } from '../../api-types.ts';
import { cancelMessage, retractMessage } from '../../data/messages.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { common } from '../../text/common.ts';
import { messageText as words } from '../../text/message.ts';
import { canBeRecalled, canBeStopped } from './recall.ts';

/** Stop what has not left, take back what stands in the portal; both say beforehand what they can and cannot reach. */
export function MessageActions({ message }: { message: MessageDetail }) {
  const may = useMay('messages:cancel');
  if (!may) return null;
  return (
    <>
      <Act
        message={message}
        offered={message.canCancel}
        label={words.cancel}
        title={words.cancelTitle}
        lead={words.cancelLead}
        keep={words.cancelKeep}
        reaches={canBeStopped}
        act={cancelMessage}
      />
      <Act
        message={message}
        offered={message.canRetract}
        label={words.retract}
        title={words.retractTitle}
        lead={words.retractLead}
        keep={words.retractKeep}
        reaches={canBeRecalled}
        act={retractMessage}
      />
    </>
  );
}

interface ActProps {
  message: MessageDetail;
  /** Whether there is still something to do; an open dialog stays, so that its result can be read. */
  offered: boolean;
  label: string;
  title: string;
  lead: string;
  keep: string;
  reaches: (delivery: DeliveryDetail) => boolean;
  act: (id: string) => Promise<CancelResult | RetractResult>;
}

function Act({ message, offered, label, title, lead, keep, reaches, act }: ActProps) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: () => act(message.id),
    onSettled: () => client.invalidateQueries({ queryKey: ['message', message.id], exact: true }),
  });
  const change = (next: boolean) => {
    setOpen(next);
    if (!next) run.reset();
  };
  return (
    <>
      {offered && (
        <Button kind="danger" onClick={() => setOpen(true)}>
          {label}
        </Button>
      )}
      <Dialog
        open={open}
        onOpenChange={change}
        title={run.data ? words.resultTitle : title}
        description={run.data ? undefined : lead}
      >
        {run.data ? (
          <Results results={run.data} />
        ) : (
          <Reach deliveries={message.deliveries} reaches={reaches} />
        )}
        <ActFailure error={run.error} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={() => change(false)}>{run.data ? common.close : keep}</Button>
          {!run.data && (
            <Button kind="danger" busy={run.isPending} onClick={() => run.mutate()}>
              {label}
            </Button>
          )}
        </div>
      </Dialog>
    </>
  );
}

/** Which copies the act can reach, before it is done. */
function Reach({
  deliveries,
  reaches,
}: {
  deliveries: readonly DeliveryDetail[];
  reaches: (one: DeliveryDetail) => boolean;
}) {
  const groups = [
    { title: words.canRecall, list: deliveries.filter(reaches) },
    { title: words.cannotRecall, list: deliveries.filter((one) => !reaches(one)) },
  ];
  return groups.map(({ title, list }) =>
    list.length === 0 ? null : (
      <section key={title} aria-label={title}>
        <h3 className="mb-1 font-semibold">{title}</h3>
        <ul className="flex flex-col gap-1">
          {list.map((delivery) => (
            <li key={delivery.id} className="flex flex-wrap items-center gap-x-3">
              <span className="[overflow-wrap:anywhere]">{delivery.to}</span>
              <StateMark state={delivery.state} />
            </li>
          ))}
        </ul>
      </section>
    ),
  );
}

function Results({ results }: { results: CancelResult | RetractResult }) {
  return (
    <div role="status">
      <ul className="flex flex-col gap-2">
        {results.deliveries.map((one) => (
          <li key={one.id}>
            <span className="block font-medium [overflow-wrap:anywhere]">{one.to}</span>
            <span className="text-ink-2">{words.results[one.result]}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
