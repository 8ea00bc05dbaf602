// What a pass would do: pure, from what the directory says and what stands here.
import { isDeepStrictEqual } from 'node:util';
import { addressText } from '#core/address';
import type { IdentityId } from '#core/ids';
import type { PersonRecord, ProvisionedPerson } from '#platform/access';
import type { DirectoryPicture } from './read-directory.ts';

type Said = DirectoryPicture['people'][number];

export type Step =
  | { readonly kind: 'add'; readonly record: Said }
  | { readonly kind: 'change'; readonly id: IdentityId; readonly record: Said }
  /** Stands in the directory as disabled, or no longer at all. */
  | { readonly kind: 'disable'; readonly id: IdentityId; readonly record: Said }
  | { readonly kind: 'end'; readonly id: IdentityId; readonly record: PersonRecord };

export interface Plan {
  readonly steps: readonly Step[];
  /** Whose access it would end. */
  readonly ending: readonly IdentityId[];
  /** People of this directory who have access now. */
  readonly active: number;
  /** People whom another directory keeps: left alone. */
  readonly kept: number;
  readonly same: number;
}

const addressOf = (record: PersonRecord) => addressText(record.userName).toLowerCase();

/**
 * Finds each person of the directory here by what the directory calls them, else by their address: somebody added by hand is
 * taken over, somebody whom another directory keeps is not. Who is disabled there and unknown here is nobody's business.
 */
export function planPass(
  source: string,
  picture: DirectoryPicture,
  here: readonly ProvisionedPerson[],
): Plan {
  const own = here.filter((person) => person.source === source);
  const byExternal = new Map(own.map((person) => [person.record.externalId, person]));
  const byAddress = new Map(here.map((person) => [addressOf(person.record), person]));
  const seen = new Set<IdentityId>();
  const steps: Step[] = [];
  let [kept, same] = [0, 0];
  for (const record of picture.people) {
    const person = byExternal.get(record.externalId) ?? byAddress.get(addressOf(record));
    if (person === undefined) {
      if (record.active) steps.push({ kind: 'add', record });
      continue;
    }
    if (seen.has(person.id) || (person.source !== null && person.source !== source)) {
      kept += 1;
      continue;
    }
    seen.add(person.id);
    if (person.source === source && unchanged(person.record, record)) same += 1;
    else if (person.record.active && !record.active) steps.push({ kind: 'disable', id: person.id, record });
    else steps.push({ kind: 'change', id: person.id, record });
  }
  for (const person of own) {
    if (!seen.has(person.id)) steps.push({ kind: 'end', id: person.id, record: person.record });
  }
  const ending = steps.flatMap((step) =>
    step.kind === 'disable' || (step.kind === 'end' && step.record.active) ? [step.id] : [],
  );
  return { steps, ending, active: own.filter(({ record }) => record.active).length, kept, same };
}

function unchanged(before: PersonRecord, after: PersonRecord): boolean {
  const names = Object.keys(after) as (keyof PersonRecord)[];
  return names.every((name) => isDeepStrictEqual(before[name], after[name]));
}

export interface Guard {
  readonly percent: number;
  readonly least: number;
}

export type StopReason = 'too-many-ended' | 'nobody-found' | 'no-groups-found';

/** Somebody's word on a pass that stopped: for this reason, and for these people. */
export interface Agreed {
  readonly reason: string | null;
  readonly ending: ReadonlySet<string>;
}

/**
 * Why a plan needs somebody's word before it is carried out; null where it needs none, or has it. A directory that suddenly
 * knows nobody, or a fifth less than yesterday, is more often misconfigured than right.
 */
export function stopReason(
  plan: Plan,
  picture: DirectoryPicture,
  guard: Guard,
  agreed: Agreed | null,
  groupsHere: number,
): StopReason | null {
  const reason = reasonOf(plan, picture, guard, groupsHere);
  const covered = agreed?.reason === reason && plan.ending.every((id) => agreed.ending.has(id));
  return covered ? null : reason;
}

function reasonOf(
  plan: Plan,
  picture: DirectoryPicture,
  guard: Guard,
  groupsHere: number,
): StopReason | null {
  if (picture.people.length === 0 && plan.active > 0) return 'nobody-found';
  const bound = Math.max(guard.least, Math.floor((plan.active * guard.percent) / 100));
  if (plan.ending.length > bound) return 'too-many-ended';
  return picture.groups?.length === 0 && groupsHere > 0 ? 'no-groups-found' : null;
}
