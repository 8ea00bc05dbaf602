import type { PlacedEntry } from '#platform/audit';

/** What of a stretch of the log a reviewer is pointed to. */
export const STANDS_OUT = ['refused', 'after-hours', 'resolved', 'exported', 'policy', 'unreadable'] as const;
export type StandsOut = (typeof STANDS_OUT)[number];

/** Codes and numbers only. */
export interface Counts {
  readonly entries: number;
  readonly actions: Readonly<Record<string, number>>;
  readonly standsOut: Readonly<Partial<Record<StandsOut, number>>>;
  /** People who acted, by the number of their acts. */
  readonly people: Readonly<Record<string, number>>;
  /** The first of those that stand out: id, position and why. */
  readonly shown: readonly {
    readonly id: string;
    readonly position: number;
    readonly why: readonly StandsOut[];
  }[];
}

const MOST_SHOWN = 200;

export interface WorkingDay {
  readonly timeZone: string;
  readonly begins: number;
  readonly ends: number;
}

/** Counts a stretch, one entry after the other; memory does not grow with it. */
export async function countStretch(entries: AsyncIterable<PlacedEntry>, day: WorkingDay): Promise<Counts> {
  const isOutside = outsideOf(day);
  const actions: Record<string, number> = {};
  const people: Record<string, number> = {};
  const standsOut: Partial<Record<StandsOut, number>> = {};
  const shown: Counts['shown'][number][] = [];
  let total = 0;
  for await (const one of entries) {
    total += 1;
    const action = one.entry?.action ?? 'audit.entry-unreadable';
    actions[action] = (actions[action] ?? 0) + 1;
    const { actor } = one.entry ?? {};
    if (actor?.kind === 'person') people[actor.identity] = (people[actor.identity] ?? 0) + 1;
    const why = reasons(one, isOutside);
    for (const each of why) standsOut[each] = (standsOut[each] ?? 0) + 1;
    if (why.length > 0 && shown.length < MOST_SHOWN) shown.push({ id: one.id, position: one.position, why });
  }
  return { entries: total, actions, standsOut, people, shown };
}

const RESOLVED = /(^|-|\.)(resolved|traced|inspected)$/;
const EXPORTED = /(^|\.|-)exported$/;
const POLICY = /^(policy|organisation|api-key|role|access-group|sign-in|keys)[a-z-]*\.(?!.*(viewed|listed)$)/;

function reasons({ entry }: PlacedEntry, isOutside: (time: string) => boolean): StandsOut[] {
  if (entry === null) return ['unreadable'];
  const { action, result, actor } = entry;
  return [
    ...(result === 'done' ? [] : (['refused'] as const)),
    ...(actor.kind === 'person' && isOutside(entry.time) ? (['after-hours'] as const) : []),
    ...(RESOLVED.test(action) ? (['resolved'] as const) : []),
    ...(EXPORTED.test(action) ? (['exported'] as const) : []),
    ...(POLICY.test(action) ? (['policy'] as const) : []),
  ];
}

function outsideOf({ timeZone, begins, ends }: WorkingDay): (time: string) => boolean {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hour: 'numeric',
    hourCycle: 'h23',
    weekday: 'short',
  });
  return (time) => {
    const told = Object.fromEntries(
      parts.formatToParts(new Date(time)).map(({ type, value }) => [type, value]),
    );
    const hour = Number(told['hour']);
    return told['weekday'] === 'Sat' || told['weekday'] === 'Sun' || hour < begins || hour >= ends;
  };
}
