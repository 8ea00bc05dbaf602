import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { LogIn } from 'lucide-react';
import { useMay } from '../../data/session.ts';
import { ssoConnectionsQuery } from '../../data/single-sign-on.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { ssoText as words } from '../../text/single-sign-on.ts';
import { AddConnection } from './add-connection.tsx';
import { ConnectionPart } from './connection-part.tsx';
import { TryResult } from './try-result.tsx';

const route = getRouteApi('/app/settings/single-sign-on');

/** The organisation's identity providers. */
export function SingleSignOnPage() {
  const may = useMay('sign-in:write');
  const connections = useQuery(ssoConnectionsQuery);
  const { connection, try: tried } = route.useSearch();
  return (
    <Page title={words.title} lead={words.lead} actions={may && <AddConnection />}>
      {connection !== undefined && tried !== undefined && <TryResult connection={connection} tried={tried} />}
      {connections.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {connections.isError && <Failure error={connections.error} retry={() => void connections.refetch()} />}
      {connections.data?.items.length === 0 && (
        <Empty icon={<LogIn />} title={words.none}>
          {words.noneLead}
        </Empty>
      )}
      {connections.data?.items.map((one) => (
        <ConnectionPart key={`${one.id} ${one.changedAt}`} connection={one} may={may} />
      ))}
    </Page>
  );
}
