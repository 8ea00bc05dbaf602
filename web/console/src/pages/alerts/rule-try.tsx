import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AlertRuleDefinition, AlertRuleTry, AlertSeverity } from '../../api-types.ts';
import { tryQuery, tryRule } from '../../data/monitoring.ts';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/facts.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { When } from '../../parts/when.tsx';
import { monitoringText } from '../../text/monitoring.ts';

const words = monitoringText.rules.try;
const DAYS = 30;

/** What a rule as it is written now would have found. */
export function RuleTry(props: { definition: AlertRuleDefinition; severity: AlertSeverity }) {
  const [id, setId] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: () => tryRule(props.definition, props.severity, DAYS),
    onSuccess: (made) => setId(made.id),
  });
  const tried = useQuery(tryQuery(id));
  const running = start.isPending || tried.data?.state === 'waiting' || tried.data?.state === 'running';
  return (
    <div className="flex flex-col gap-2 border-y border-line py-3">
      <div className="flex flex-wrap items-center gap-3">
        <Button busy={running} onClick={() => start.mutate()}>
          {words.button}
        </Button>
        <span className="text-ink-2">{words.lead}</span>
      </div>
      <ActFailure error={start.error ?? tried.error} />
      {tried.data && <Tried tried={tried.data} />}
    </div>
  );
}

function Tried({ tried }: { tried: AlertRuleTry }) {
  if (tried.state === 'failed') return <Notice tone="failed">{words.failed}</Notice>;
  if (tried.result === null)
    return (
      <p role="status" className="text-ink-2">
        {words.running(Math.round(tried.progress * 100))}
      </p>
    );
  const { found, entries, incidents } = tried.result;
  return (
    <div role="status">
      <p className="font-medium">{words.found(found, entries)}</p>
      <ul className="mt-1 max-h-40 overflow-y-auto">
        {incidents.map((one) => (
          <li key={`${one.group} ${one.firstAt}`} className="flex flex-wrap gap-x-3">
            <When time={one.firstAt} />
            <span>{words.hits(one.hits)}</span>
            {one.group !== 'all' && <Code>{one.group}</Code>}
          </li>
        ))}
      </ul>
    </div>
  );
}
