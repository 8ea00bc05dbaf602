import type { ReactNode } from 'react';

/** Names and values, two columns; empty values are left out. */
export function Facts({
  facts,
  columns = 1,
}: {
  facts: readonly (readonly [string, ReactNode])[];
  columns?: 1 | 2;
}) {
  return (
    <dl className={`grid gap-x-8 gap-y-1.5 ${columns === 2 ? 'md:grid-cols-2' : ''}`}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false)
        .map(([name, value]) => (
          <div key={name} className="flex flex-wrap gap-x-3">
            <dt className="w-32 shrink-0 text-ink-2">{name}</dt>
            <dd className="min-w-0 flex-1 basis-44 [overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Ids, hashes, header values. */
export function Code({ children }: { children: ReactNode }) {
  return <code className="font-mono text-xs [overflow-wrap:anywhere]">{children}</code>;
}
