import { useQuery } from '@tanstack/react-query';
import { MailOpen } from 'lucide-react';
import { inboundQuery } from '../../data/inbound.ts';
import { useMay } from '../../data/session.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { inboundText as words } from '../../text/inbound.ts';
import { DomainRow } from './domain-row.tsx';

/** Where the mail that comes in for each domain is handed to. */
export function InboundPage() {
  const may = useMay('organisation:write');
  const inbound = useQuery(inboundQuery);
  return (
    <Page title={words.title} lead={words.lead}>
      {inbound.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {inbound.isError && <Failure error={inbound.error} retry={() => void inbound.refetch()} />}
      {inbound.data && (
        <>
          {inbound.data.listener.port === null ? (
            <Notice tone="held">{words.notListening}</Notice>
          ) : (
            <p className="text-ink-2">
              {words.listening(inbound.data.listener.host, inbound.data.listener.port)}
            </p>
          )}
          {inbound.data.items.length === 0 && <Empty icon={<MailOpen />} title={words.none} />}
          {inbound.data.items.length > 0 && (
            <ul className="border-t border-line">
              {inbound.data.items.map((one) => (
                <DomainRow key={one.domain} domain={one} may={may} />
              ))}
            </ul>
          )}
        </>
      )}
    </Page>
  );
}
