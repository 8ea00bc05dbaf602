import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BellRing } from 'lucide-react';
import { useState } from 'react';
import type { AlertChannel } from '../../api-types.ts';
import { changeChannel, channelsQuery, removeChannel, testChannel } from '../../data/monitoring.ts';
import { useMay } from '../../data/session.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { failureWords, monitoringText } from '../../text/monitoring.ts';
import { AddChannel } from './add-channel.tsx';
import { MuteAndEscalation } from './mute.tsx';

const words = monitoringText.channels;

/** Who is told of incidents, and whether that works. */
export function AlertChannelsPage() {
  const channels = useQuery(channelsQuery);
  const may = useMay('alerts:write');
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <Link to="/alert-rules" className={buttonClass()}>
            {monitoringText.incidents.rules}
          </Link>
          {may && <AddChannel />}
        </>
      }
    >
      {channels.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {channels.isError && <Failure error={channels.error} retry={() => void channels.refetch()} />}
      {channels.data?.items.length === 0 && (
        <Empty icon={<BellRing />} title={words.none}>
          {words.noneLead}
        </Empty>
      )}
      {channels.data && channels.data.items.length > 0 && (
        <ul className="border-t border-line">
          {channels.data.items.map((one) => (
            <Row key={one.id} channel={one} may={may} />
          ))}
        </ul>
      )}
      <MuteAndEscalation may={may} />
    </Page>
  );
}

function Row({ channel: one, may }: { channel: AlertChannel; may: boolean }) {
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: channelsQuery.queryKey });
  const test = useMutation({ mutationFn: () => testChannel(one.id), onSuccess: renew });
  const turn = useMutation({
    mutationFn: () => changeChannel(one.id, { least: one.least, active: !one.active }),
    onSuccess: renew,
  });
  const to = [
    ...one.people.map(({ label }) => label),
    ...one.numbers,
    ...(one.url === null ? [] : [one.url]),
  ];
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className={`[overflow-wrap:anywhere] ${one.active ? 'font-medium' : 'text-ink-2'}`}>
          {one.label}
          {!one.active && ` (${words.off})`}
        </p>
        <p className="text-ink-2 [overflow-wrap:anywhere]">
          {words.kinds[one.kind]}, {words.from(monitoringText.severities[one.least])}: {to.join(', ')}
        </p>
        {one.newest && (
          <p className={one.newest.state === 'dead' ? 'text-failed' : 'text-ink-2'}>
            <When time={one.newest.endedAt ?? one.newest.createdAt} />: {words.newest[one.newest.state]}
            {one.newest.failure && `: ${failureWords(one.newest.failure)}`}
          </p>
        )}
      </div>
      {may && (
        <div className="flex flex-wrap gap-2">
          <Button busy={test.isPending} disabled={!one.active} onClick={() => test.mutate()}>
            {words.test}
          </Button>
          <Button busy={turn.isPending} onClick={() => turn.mutate()}>
            {one.active ? words.turnOff : words.turnOn}
          </Button>
          <Remove id={one.id} />
        </div>
      )}
      <div className="basis-full empty:hidden">
        {test.isSuccess && (
          <Notice live tone="info">
            {words.testing}
          </Notice>
        )}
        <ActFailure error={test.error ?? turn.error} />
      </div>
    </li>
  );
}

function Remove({ id }: { id: string }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeChannel(id),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: channelsQuery.queryKey });
    },
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.remove}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.removeTitle}>
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
