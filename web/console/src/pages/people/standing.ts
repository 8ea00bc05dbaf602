import type { MemberAccess } from '../../api-types.ts';

type Source = MemberAccess['sources'][number];
export type Stop = NonNullable<Source['stopped']>;

/** A permission that something stops, with the roles that would give it. */
export interface Cut {
  readonly permission: string;
  readonly stop: Stop;
  /** Keys of the roles whose giving is stopped so. */
  readonly roles: readonly string[];
  /** Whether it reaches the person by another role all the same. */
  readonly stillHeld: boolean;
}

/** What is cut of a person's rights, one line for each permission and what stops it. */
export function cutsOf(sources: readonly Source[]): Cut[] {
  const held = new Set(sources.filter((one) => one.stopped === null).map((one) => one.permission));
  const lines = new Map<string, Cut>();
  for (const { permission, role, stopped } of sources) {
    if (stopped === null) continue;
    const key = `${permission} ${stopped.code} ${stopped.organisation ?? ''}`;
    const before = lines.get(key)?.roles ?? [];
    lines.set(key, {
      ...{ permission, stop: stopped, stillHeld: held.has(permission) },
      roles: before.includes(role) ? before : [...before, role],
    });
  }
  return [...lines.values()];
}

/** What reaches the person: by permission, the ways that are not stopped. One without scope, end and care says it all. */
export function heldOf(sources: readonly Source[]): ReadonlyMap<string, readonly Source[]> {
  const held = new Map<string, readonly Source[]>();
  for (const source of sources)
    if (source.stopped === null)
      held.set(source.permission, [...(held.get(source.permission) ?? []), source]);
  for (const [permission, ways] of held) {
    const plain = ways.find((one) => one.scope === null && one.until === null && !one.underCare);
    if (plain !== undefined) held.set(permission, [plain]);
  }
  return held;
}

/** Of what roles give, what a boundary would stop. */
export function wouldCut(sources: readonly Source[], boundary: ReadonlySet<string>): string[] {
  return [...new Set(sources.map(({ permission }) => permission))].filter((one) => !boundary.has(one));
}
