import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { HeartPulse } from 'lucide-react';
import { useState } from 'react';
import type { CareRelationship } from '../../api-types.ts';
import { type CareSearch, careQuery, careRuleQuery, endCare, setCareRule } from '../../data/care.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { careText as words } from '../../text/care.ts';
import { CareSearchForm } from './care-search.tsx';
import { Days } from './days.tsx';
import { RecordCare } from './record-care.tsx';
import { useCarers } from './use-carers.ts';

/** Who cares for whom, what that opens, and whether the rule is on. */
export function CarePage() {
  const may = useMay('roles:write');
  const [recording, setRecording] = useState(false);
  const add = may && (
    <Button
      kind="primary"
      icon={<HeartPulse aria-hidden="true" className="size-4" />}
      onClick={() => setRecording(true)}
    >
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={add}>
      <Rule may={may} />
      <Relationships may={may} />
      <RecordCare open={recording} onOpenChange={setRecording} />
    </Page>
  );
}

function Rule({ may }: { may: boolean }) {
  const rule = useQuery(careRuleQuery);
  if (rule.isError) return <Failure error={rule.error} retry={() => void rule.refetch()} />;
  if (!rule.data) return <RowsSkeleton rows={1} label={words.loading} />;
  const { on } = rule.data;
  const turn = on ? (
    <Confirm
      label={words.turnOff}
      title={words.turnOffTitle}
      lead={words.turnOffLead}
      act={() => setCareRule(false)}
    />
  ) : (
    <Confirm
      kind="secondary"
      label={words.turnOn}
      title={words.turnOnTitle}
      lead={words.turnOnLead}
      act={() => setCareRule(true)}
    />
  );
  return (
    <Section title={words.rule} actions={may && turn}>
      <p className="font-medium">{on ? words.ruleOn : words.ruleOff}</p>
      <div className="prose-width flex flex-col gap-1.5 text-ink-2">
        <p>{words.opens}</p>
        <ul className="list-disc pl-5">
          {words.opensList.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
        <p>{words.opensElse}</p>
      </div>
    </Section>
  );
}

function Relationships({ may }: { may: boolean }) {
  const [search, setSearch] = useState<CareSearch>({});
  const found = useInfiniteQuery(careQuery(search));
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const nameOf = useCarers(rows.map(({ subject }) => subject));
  const all = search.subject === undefined && search.address === undefined;
  return (
    <Section title={words.list}>
      <p className="text-ink-2">{words.seen}</p>
      <CareSearchForm narrowed={!all} onSearch={setSearch} error={found.error} />
      {found.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && rows.length === 0 && all && (
        <Empty icon={<HeartPulse />} title={words.none}>
          {words.noneLead}
        </Empty>
      )}
      {found.isSuccess && rows.length === 0 && !all && <p role="status">{words.noneFound}</p>}
      {rows.length > 0 && (
        <ul className="border-t border-line">
          {rows.map((care) => (
            <Row key={care.id} care={care} who={nameOf(care.subject)} may={may} />
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <Button
          className="self-start"
          busy={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          {words.more}
        </Button>
      )}
    </Section>
  );
}

function Row({ care, who, may }: { care: CareRelationship; who: string; may: boolean }) {
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b border-line py-3">
      <p className="min-w-0 flex-1 basis-72 [overflow-wrap:anywhere]">
        <span className="font-medium">{who}</span>
        {care.subject.kind === 'group' && <span className="text-ink-2"> ({words.groupMark})</span>}{' '}
        <span className="text-ink-2">{words.caresFor}</span>{' '}
        <span className="font-medium">{care.address}</span>
      </p>
      <p className="basis-64 text-ink-2">
        <Days care={care} />
        {care.source !== 'own' && `, ${words.keptBy(care.source)}`}
      </p>
      {may && (
        <Confirm
          label={words.end}
          of={words.endOf(who)}
          title={words.endTitle(who)}
          lead={words.endLead}
          act={() => endCare(care.id)}
        />
      )}
    </li>
  );
}
