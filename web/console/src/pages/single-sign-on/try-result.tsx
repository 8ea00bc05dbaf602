import { useQuery } from '@tanstack/react-query';
import type { SsoTry } from '../../api-types.ts';
import { ssoTryQuery } from '../../data/single-sign-on.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { ssoText as words } from '../../text/single-sign-on.ts';
import { roleName } from './rule-fields.tsx';

/** What a try has shown: the provider's words, and what would come of them. */
export function TryResult({ connection, tried }: { connection: string; tried: string }) {
  const shown = useQuery(ssoTryQuery(connection, tried));
  return (
    <Section title={words.tryTitle}>
      {shown.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {shown.isError && <Failure error={shown.error} retry={() => void shown.refetch()} />}
      {shown.data?.result === null && <Notice tone="held">{words.tryWaiting}</Notice>}
      {shown.data?.result && <Shown result={shown.data.result} />}
    </Section>
  );
}

function Shown({ result }: { result: NonNullable<SsoTry['result']> }) {
  const { outcome, reason, subject, claims, methods, roles, groups } = result;
  const given = [...roles.map(roleName), ...groups];
  return (
    <>
      <Notice
        tone={outcome === 'let-in' ? 'done' : 'held'}
        live
        title={outcome === 'let-in' ? words.letIn : words.notLetIn}
      >
        {reason === null ? null : (words.reasons[reason] ?? reason)}
      </Notice>
      {subject !== null && (
        <dl className="grid gap-x-6 gap-y-2 [overflow-wrap:anywhere] sm:grid-cols-[12rem_1fr]">
          <Line name={words.subject} value={subject} />
          <Line name={words.wouldGet} value={given.length === 0 ? words.nothing : given.join(', ')} />
          <Line name={words.methods} value={methods.length === 0 ? words.nothing : methods.join(', ')} />
          {claims.map(({ name, values }) => (
            <Line key={name} name={name} value={values.join(', ')} />
          ))}
        </dl>
      )}
    </>
  );
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-ink-2">{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
