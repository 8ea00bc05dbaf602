import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { TextChannel } from '../../api-types.ts';
import { installationGatewayQuery, setTextNotices, textChannelQuery } from '../../data/recipients.ts';
import { useMay } from '../../data/session.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Tick } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { textsText as words } from '../../text/recipients.ts';
import { Gateway } from './gateway.tsx';
import { TestText } from './test-text.tsx';

/** Where texts are handed over, and which notices go as texts. */
export function TextsPage() {
  const channel = useQuery(textChannelQuery);
  const operator = useMay('installation:operate');
  return (
    <Page title={words.title} lead={words.lead}>
      {channel.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {channel.isError && <Failure error={channel.error} retry={() => void channel.refetch()} />}
      {channel.data && <Channel channel={channel.data} />}
      {operator && <OfInstallation />}
    </Page>
  );
}

function Channel({ channel }: { channel: TextChannel }) {
  const may = useMay('organisation:write');
  return (
    <>
      <Notice tone={channel.inForce === 'none' ? 'held' : 'info'}>{words.inForce[channel.inForce]}</Notice>
      <Notices channel={channel} may={may} />
      <Section title={words.gateway}>
        <p className="prose-width text-ink-2">{words.gatewayLead}</p>
        <Gateway
          key={channel.gateway?.changedAt ?? 'none'}
          of="organisation"
          gateway={channel.gateway}
          may={may}
        />
      </Section>
      {may && channel.inForce !== 'none' && <TestText />}
    </>
  );
}

function Notices({ channel, may }: { channel: TextChannel; may: boolean }) {
  const client = useQueryClient();
  // Shown at once, and taken back where it could not be saved.
  const [on, setOn] = useState(channel.textNotices);
  const save = useMutation({
    mutationFn: setTextNotices,
    onSuccess: (saved) => client.setQueryData(textChannelQuery.queryKey, saved),
    onError: (_error, wanted) => setOn(!wanted),
  });
  return (
    <Section title={words.notices}>
      <Tick
        label={words.noticesTick}
        hint={words.noticesHint}
        disabled={!may || save.isPending}
        checked={on}
        onChange={(event) => {
          setOn(event.target.checked);
          save.mutate(event.target.checked);
        }}
      />
      <ActFailure error={save.error} />
    </Section>
  );
}

function OfInstallation() {
  const gateway = useQuery(installationGatewayQuery);
  return (
    <Section title={words.installationGateway}>
      <p className="prose-width text-ink-2">{words.installationLead}</p>
      {gateway.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {gateway.isError && <Failure error={gateway.error} retry={() => void gateway.refetch()} />}
      {gateway.data && (
        <Gateway
          key={gateway.data.gateway?.changedAt ?? 'none'}
          of="installation"
          gateway={gateway.data.gateway}
          may
        />
      )}
    </Section>
  );
}
