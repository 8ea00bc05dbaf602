import { z } from 'zod';
import type { OrganisationId } from '#core/ids';
import { type AuditLine, type AuditPage, type AuditQuery, auditKind } from '#platform/audit';
import type { AuditRoutePorts } from './ports.ts';

const MOST_ACTS = 20_000;
const UNUSUAL_TIMES = 3;
const UNUSUAL_LEAST = 20;

const daySchema = z
  .strictObject({
    day: z.iso.date(),
    acts: z.int(),
    refused: z.int(),
    first: z.iso.datetime(),
    last: z.iso.datetime(),
    actions: z.array(z.strictObject({ action: z.string(), count: z.int() })),
    networks: z.array(z.string()),
    unusual: z.array(z.enum(['many', 'new-kind', 'new-network'])),
  })
  .meta({ id: 'AuditPersonDay' });

export const timelineSchema = z
  .strictObject({ days: z.array(daySchema), acts: z.int(), middle: z.number(), whole: z.boolean() })
  .meta({ id: 'AuditPersonDays' });

interface Day {
  acts: number;
  refused: number;
  first: string;
  last: string;
  readonly actions: Map<string, number>;
  readonly kinds: Set<string>;
  readonly networks: Set<string>;
}

type Ports = Pick<AuditRoutePorts, 'audit' | 'database'>;

/** A person's acts by day (UTC), newest first, with what is unusual for that person by simple counts. */
export async function personDays(
  { audit, database }: Ports,
  organisation: OrganisationId,
  actor: string,
  range: { readonly since: Date; readonly until: Date | null },
  signal: AbortSignal,
): Promise<z.output<typeof timelineSchema>> {
  const days = new Map<string, Day>();
  let acts = 0;
  let cursor: string | null = null;
  do {
    const query: AuditQuery = {
      ...{ actors: new Set([actor]), limit: 200, cursor, since: range.since },
      ...(range.until === null ? {} : { until: range.until }),
    };
    const page: AuditPage | null = await database.tenant([organisation], 'app', (tx) =>
      audit.list(tx, organisation, query),
    );
    for (const { entry } of page?.lines ?? []) {
      if (entry === null) continue;
      count(days, entry);
      acts += 1;
    }
    cursor = page?.next ?? null;
  } while (cursor !== null && acts < MOST_ACTS && !signal.aborted);
  const middle = median([...days.values()].map((day) => day.acts));
  return {
    days: [...days].map(([day, one]) => view(day, one, days, middle)),
    acts,
    middle,
    whole: cursor === null,
  };
}

function count(days: Map<string, Day>, entry: NonNullable<AuditLine['entry']>): void {
  const name = entry.time.slice(0, 10);
  const day: Day = days.get(name) ?? {
    ...{ acts: 0, refused: 0, first: entry.time, last: entry.time },
    ...{ actions: new Map(), kinds: new Set(), networks: new Set() },
  };
  days.set(name, day);
  day.acts += 1;
  if (entry.result !== 'done') day.refused += 1;
  if (entry.time < day.first) day.first = entry.time;
  if (entry.time > day.last) day.last = entry.time;
  day.actions.set(entry.action, (day.actions.get(entry.action) ?? 0) + 1);
  day.kinds.add(auditKind(entry.action));
  if (entry.origin.address !== null) day.networks.add(entry.origin.address);
}

function view(name: string, day: Day, days: ReadonlyMap<string, Day>, middle: number) {
  const others = [...days].filter(([other]) => other !== name).map(([, other]) => other);
  const isNew = (of: (day: Day) => ReadonlySet<string>) =>
    others.length >= 3 && [...of(day)].some((each) => !others.some((other) => of(other).has(each)));
  const unusual = [
    ...(day.acts >= UNUSUAL_LEAST && day.acts > UNUSUAL_TIMES * middle ? (['many'] as const) : []),
    ...(isNew(({ kinds }) => kinds) ? (['new-kind'] as const) : []),
    ...(isNew(({ networks }) => networks) ? (['new-network'] as const) : []),
  ];
  return {
    day: name,
    ...{ acts: day.acts, refused: day.refused, first: day.first, last: day.last },
    actions: [...day.actions].map(([action, n]) => ({ action, count: n })).sort((a, b) => b.count - a.count),
    networks: [...day.networks].slice(0, 20),
    unusual,
  };
}

function median(counts: readonly number[]): number {
  const sorted = [...counts].sort((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[half - 1] ?? 0, sorted[half] ?? 0];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
