import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { HeartHandshake } from 'lucide-react';
import { useState } from 'react';
import type { CaregiverGrant } from '../../api-types.ts';
import { caregiversQuery, withdrawCaregiver } from '../../data/caregivers.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { caregiversText as words } from '../../text/caregivers.ts';
import { common } from '../../text/common.ts';
import { GrantCaregiver } from './grant-caregiver.tsx';

/** Who may see whose messages: in force, to come, ended. */
export function CaregiversPage() {
  const may = useMay('policies:write');
  const grants = useQuery(caregiversQuery);
  const [granting, setGranting] = useState(false);
  const add = may && (
    <Button
      kind="primary"
      icon={<HeartHandshake aria-hidden="true" className="size-4" />}
      onClick={() => setGranting(true)}
    >
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={add}>
      {grants.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {grants.isError && <Failure error={grants.error} retry={() => void grants.refetch()} />}
      {grants.data?.items.length === 0 && <Empty icon={<HeartHandshake />} title={words.none} />}
      {grants.data && grants.data.items.length > 0 && (
        <ul className="border-t border-line">
          {grants.data.items.map((one) => (
            <GrantRow key={one.id} grant={one} may={may} />
          ))}
        </ul>
      )}
      {grants.data?.next && <p className="text-ink-2">{words.more}</p>}
      <GrantCaregiver open={granting} onOpenChange={setGranting} />
    </Page>
  );
}

function GrantRow({ grant, may }: { grant: CaregiverGrant; may: boolean }) {
  const open = grant.state === 'valid' || grant.state === 'to-come';
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-3">
      <p className="min-w-0 flex-1 basis-64 [overflow-wrap:anywhere]">
        <span className="font-medium">{grant.caregiverAddress}</span>{' '}
        <span className="text-ink-2">{words.sees}</span>{' '}
        <span className="font-medium">{grant.patientAddress}</span>
      </p>
      <p className={grant.state === 'valid' ? 'font-medium' : 'text-ink-2'}>{words.states[grant.state]}</p>
      {may && open && <Withdraw grant={grant} />}
      <p className="basis-full text-ink-2">
        {words.granted} <When time={grant.grantedAt} /> {words.by} {grant.grantedBy.label}, {words.endsOn}{' '}
        <When time={grant.expiresAt} />
        {grant.endedAt && grant.endedBy && (
          <>
            , {words.ended} <When time={grant.endedAt} /> {words.by} {grant.endedBy.label}
          </>
        )}
      </p>
      <details className="basis-full">
        <summary className="cursor-pointer text-ink-2">{words.details}</summary>
        <Scope grant={grant} />
      </details>
    </li>
  );
}

function Scope({ grant }: { grant: CaregiverGrant }) {
  const scope = [
    words.relations[grant.relation],
    `${words.highest}: ${words.classes[grant.highestClass]}`,
    grant.streams.map((stream) => words.streamNames[stream]).join(', '),
    grant.mayReply ? words.answers : words.reads,
    grant.notices ? words.told : words.notTold,
    ...(grant.showsAddress ? [words.addressShown] : []),
  ];
  return (
    <div className="prose-width mt-1 flex flex-col gap-1 [overflow-wrap:anywhere]">
      <p>
        {words.label}: {grant.label}
      </p>
      <p>{scope.join(' · ')}</p>
      <p className="whitespace-pre-wrap">
        {words.reason}: {grant.reason}
      </p>
    </div>
  );
}

function Withdraw({ grant }: { grant: CaregiverGrant }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => withdrawCaregiver(grant.id),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: caregiversQuery.queryKey });
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
