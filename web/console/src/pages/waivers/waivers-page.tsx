import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileSignature } from 'lucide-react';
import { useState } from 'react';
import type { Waiver } from '../../api-types.ts';
import { policyQuery, waiversQuery, withdrawWaiver } from '../../data/administration.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { waiversText as words } from '../../text/waivers.ts';
import { RecordWaiver } from './record-waiver.tsx';

/** Recipients who asked for plain mail: recorded, in force, ended. */
export function WaiversPage() {
  const may = useMay('policies:write');
  const waivers = useQuery(waiversQuery);
  const policy = useQuery(policyQuery);
  const [recording, setRecording] = useState(false);
  const add = may && (
    <Button
      kind="primary"
      icon={<FileSignature aria-hidden="true" className="size-4" />}
      onClick={() => setRecording(true)}
    >
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={add}>
      {policy.data && !policy.data.waivers.enabled && <Notice>{words.off}</Notice>}
      {waivers.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {waivers.isError && <Failure error={waivers.error} retry={() => void waivers.refetch()} />}
      {waivers.data?.items.length === 0 && <Empty icon={<FileSignature />} title={words.none} />}
      {waivers.data && waivers.data.items.length > 0 && (
        <ul className="border-t border-line">
          {waivers.data.items.map((one) => (
            <WaiverRow key={one.id} waiver={one} may={may} />
          ))}
        </ul>
      )}
      {waivers.data?.next && <p className="text-ink-2">{words.more}</p>}
      <RecordWaiver open={recording} onOpenChange={setRecording} />
    </Page>
  );
}

function WaiverRow({ waiver, may }: { waiver: Waiver; may: boolean }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-3">
      <p className="min-w-0 flex-1 basis-64 font-medium [overflow-wrap:anywhere]">{waiver.address}</p>
      <p className={waiver.state === 'valid' ? 'font-medium' : 'text-ink-2'}>{words.states[waiver.state]}</p>
      <p className="text-ink-2">
        {words.recorded} <When time={waiver.recordedAt} /> {words.by} {waiver.recordedBy.label},{' '}
        {words.holdsUntil} <When time={waiver.expiresAt} />
        {waiver.endedAt && waiver.endedBy && (
          <>
            , {words.ended} <When time={waiver.endedAt} /> {words.by} {waiver.endedBy.label}
          </>
        )}
      </p>
      {may && waiver.state === 'valid' && <Withdraw waiver={waiver} />}
      <details className="basis-full">
        <summary className="cursor-pointer text-ink-2">{words.shown}</summary>
        <p lang={waiver.language} className="prose-width mt-1 whitespace-pre-wrap [overflow-wrap:anywhere]">
          {waiver.text}
        </p>
      </details>
    </li>
  );
}

function Withdraw({ waiver }: { waiver: Waiver }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => withdrawWaiver(waiver.id),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: waiversQuery.queryKey });
    },
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.withdraw}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.withdrawTitle} description={words.withdrawLead}>
        <ActFailure error={withdraw.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          <Button kind="danger" busy={withdraw.isPending} onClick={() => withdraw.mutate()}>
            {words.withdraw}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
