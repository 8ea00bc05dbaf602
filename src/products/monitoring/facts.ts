import { networkKey } from '#platform/access';
import type { PlacedLeaf } from '#platform/audit';
import type { Condition, GroupBy, Match } from './rule.ts';

/** An audit entry as rules see it. Sealed references stay sealed: nothing here comes out of one. */
export interface Facts {
  readonly id: string;
  /** Milliseconds. */
  readonly at: number;
  readonly action: string;
  readonly result: 'done' | 'refused' | 'failed';
  readonly channel: string;
  readonly actor: string;
  /** Whose account it is about: its subject, else the person who acts. */
  readonly account: string | null;
  /** Of staff, programs and servers; recipients' addresses are not in the log. */
  readonly address: string | null;
  readonly network: string | null;
  /** The portal's own random id of a person; it names nobody. */
  readonly recipient: string | null;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

/** What rules see of an entry. */
export function factsOf({ id, entry }: PlacedLeaf): Facts {
  const { actor, origin, subjects } = entry;
  const subject = (kind: string) => subjects.find((one) => one.kind === kind)?.id ?? null;
  return {
    id,
    at: Date.parse(entry.time),
    action: entry.action,
    result: entry.result,
    channel: origin.channel,
    actor: actorKey(actor),
    account: subject('identity') ?? (actor.kind === 'person' ? actor.identity : null),
    address: origin.address,
    network: origin.address === null ? null : networkKey(origin.address),
    recipient: actor.kind === 'recipient' ? actor.person : subject('portal-person'),
    details: entry.details,
  };
}

function actorKey(actor: PlacedLeaf['entry']['actor']): string {
  switch (actor.kind) {
    case 'person':
      return `person:${actor.identity}`;
    case 'api-key':
      return `api-key:${actor.apiKey}`;
    case 'recipient':
      return `recipient:${actor.person}`;
    case 'system':
      return `system:${actor.component}`;
  }
}

/** What the entry is counted under; null where it has no such part and so is not counted. */
export function groupOf(facts: Facts, by: GroupBy): string | null {
  return by === 'organisation' ? 'all' : facts[by];
}

/** Whether a rule looks at the entry; the action was compared before. */
export function fits(facts: Facts, match: Match): boolean {
  if (match.results.length > 0 && !match.results.some((one) => one === facts.result)) return false;
  if (match.channels.length > 0 && !match.channels.some((one) => one === facts.channel)) return false;
  return match.details.every((one) => holds(facts.details[one.detail], one));
}

export function fitsAction(action: string, { actions }: Match): boolean {
  return actions.some((one) => (one.endsWith('.') ? action.startsWith(one) : one === action));
}

type Value = Facts['details'][string] | undefined;

function holds(value: Value, condition: Condition): boolean {
  if (value === undefined || value === null) return false;
  switch (condition.op) {
    case 'is':
      return condition.values.includes(String(value));
    case 'at-least':
      return typeof value === 'number' && value >= condition.value;
    case 'includes':
      return words(value).some((one) => condition.values.includes(one));
    case 'present':
      return value !== false && value !== 0 && value !== '';
  }
}

const words = (value: string | number | boolean): string[] => String(value).split(/[\s,]+/);
