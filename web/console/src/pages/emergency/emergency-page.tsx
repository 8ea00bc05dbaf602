import { useQuery } from '@tanstack/react-query';
import { Siren } from 'lucide-react';
import { emergenciesQuery } from '../../data/safeguards.ts';
import { useMay } from '../../data/session.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { emergencyText as words } from '../../text/safeguards.ts';
import { EmergencyRow } from './emergency-row.tsx';
import { TakeEmergency } from './take-emergency.tsx';

/** Taking emergency access, and looking at who took it. */
export function EmergencyPage() {
  const [use, review] = [useMay('break-glass:use'), useMay('break-glass:review')];
  return (
    <Page title={words.title} lead={words.lead}>
      {use && <TakeEmergency />}
      {review && <Taken />}
      {!use && !review && <Notice>{words.neither}</Notice>}
    </Page>
  );
}

function Taken() {
  const taken = useQuery(emergenciesQuery);
  return (
    <Section title={words.list}>
      {taken.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {taken.isError && <Failure error={taken.error} retry={() => void taken.refetch()} />}
      {taken.data?.items.length === 0 && <Empty icon={<Siren />} title={words.none} />}
      {taken.data && taken.data.items.length > 0 && (
        <ul className="border-t border-line">
          {taken.data.items.map((one) => (
            <EmergencyRow key={one.id} one={one} />
          ))}
        </ul>
      )}
    </Section>
  );
}
