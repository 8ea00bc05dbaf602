import type { Facts } from './facts.ts';
import { groupOf } from './facts.ts';
import type { LocalTime } from './local-time.ts';
import { distanceKm, type PlaceOf } from './place.ts';
import { type Detector, type LoweredField, MOST_DISTINCT } from './rule.ts';

/** What is remembered of one group of one rule: a few kilobytes at most, kept as JSON. */
export interface WindowState {
  /** When the rule last fired here, milliseconds; 0 for never. */
  f: number;
  /** What the detector keeps. Its own alone reads it. */
  readonly s: Memory;
}
interface Memory {
  /** count: [time, amount or 1, entry, value]. */
  h?: [number, number, string, string?][];
  /** first-seen: values with the time that each was last seen. */
  v?: [string, number][];
  /** When this group was first seen. */
  b?: number;
  /** travel: the last place. */
  p?: { at: number; lat: number; lon: number };
  /** baseline: [day, amount], oldest first. */
  d?: [number, number][];
  /** baseline: entries of the newest day. */
  e?: string[];
  /** off-hours: for each hour of the day, the days before `day` on which there was something, as bits. */
  hours?: number[];
  day?: number;
  /** lowered: the values of before. */
  last?: Record<string, string | number | boolean | null>;
}

export interface DetectorWorld {
  readonly local: (at: number) => LocalTime;
  readonly placeOf: PlaceOf | null;
}

/** What a step found: how much there is now, and the entries that show it. */
export interface Found {
  readonly amount: number;
  readonly evidence: readonly string[];
}

/** Kept exactly; above, the oldest two are put together, so that a long window of many entries stays small. */
const MOST_KEPT = 240;
const MOST_EVIDENCE = 50;
const DAY_MS = 86_400_000;
const HABIT_DAYS = 28;

/** Looks at one entry in the light of what was before, and remembers it. Pure but for `state`, which it changes. */
export function step(
  detector: Detector,
  facts: Facts,
  state: WindowState,
  world: DetectorWorld,
): Found | null {
  switch (detector.kind) {
    case 'count':
      return count(detector, facts, state);
    case 'first-seen':
      return firstSeen(detector, facts, state, world);
    case 'travel':
      return travel(detector, facts, state, world);
    case 'baseline':
      return baseline(detector, facts, state, world);
    case 'off-hours':
      return offHours(detector, facts, state, world);
    case 'lowered':
      return lowered(detector.fields, facts, state);
    case 'signal':
      return null;
  }
}

type Of<K extends Detector['kind']> = Extract<Detector, { kind: K }>;

function amountOf(measure: { of: string; detail?: string }, facts: Facts): number {
  if (measure.of !== 'sum') return 1;
  const value = facts.details[measure.detail ?? ''];
  return typeof value === 'number' && value > 0 ? value : 0;
}

/** The window reaches back from the newest entry; one that is exactly as old as the window is outside of it. */
function count(
  { measure, threshold, windowSeconds }: Of<'count'>,
  facts: Facts,
  state: WindowState,
): Found | null {
  const kept = state.s.h ?? [];
  const value = measure.of === 'distinct' ? groupOf(facts, measure.what) : null;
  if (measure.of === 'distinct' && value === null) return null;
  const amount = amountOf(measure, facts);
  if (amount === 0) return null;
  const newest = Math.max(facts.at, kept.at(-1)?.[0] ?? 0);
  // Times never step back here, so what has left the window stands in front.
  const since = newest - windowSeconds * 1000;
  let gone = 0;
  while (gone < kept.length && (kept[gone]?.[0] ?? 0) <= since) gone += 1;
  const inside = gone === 0 ? kept : kept.slice(gone);
  if (value !== null) {
    const before = inside.findIndex(([, , , other]) => other === value);
    if (before >= 0) inside.splice(before, 1);
    else if (inside.length >= MOST_DISTINCT) inside.shift();
  } else if (inside.length >= MOST_KEPT) mergeOldest(inside);
  inside.push(value === null ? [newest, amount, facts.id] : [newest, 1, facts.id, value]);
  state.s.h = inside;
  const sum = inside.reduce((total, [, one]) => total + one, 0);
  if (sum < threshold) return null;
  return {
    amount: sum,
    evidence: fired(state, facts, windowSeconds * 1000, () => inside.map(([, , id]) => id)),
  };
}

/** The later time stands for both: the window is then at most a little longer than it should be. */
function mergeOldest(inside: NonNullable<Memory['h']>): void {
  const [first, second] = inside;
  if (first && second) inside.splice(0, 2, [second[0], first[1] + second[1], second[2]]);
}

/** The first time all entries that led to it, then each that comes. */
function fired(
  state: WindowState,
  facts: Facts,
  quietMs: number,
  all: () => readonly string[],
): readonly string[] {
  const fresh = state.f === 0 || facts.at - state.f > quietMs;
  state.f = Math.max(facts.at, state.f);
  return fresh ? all().slice(-MOST_EVIDENCE) : [facts.id];
}

const MOST_VALUES = 64;

function firstSeen(
  { value, learnDays }: Of<'first-seen'>,
  facts: Facts,
  state: WindowState,
  world: DetectorWorld,
) {
  const seen = seenIn(value, facts, world);
  if (seen === null) return null;
  const { s } = state;
  s.b ??= facts.at;
  const before = s.v ?? [];
  const known = before.some(([one]) => one === seen);
  s.v = [...before.filter(([one]) => one !== seen), [seen, facts.at] as [string, number]].slice(-MOST_VALUES);
  if (known || before.length === 0 || facts.at - s.b < learnDays * DAY_MS) return null;
  state.f = facts.at;
  return { amount: 1, evidence: [facts.id] };
}

function seenIn(value: Of<'first-seen'>['value'], facts: Facts, { placeOf }: DetectorWorld): string | null {
  if (value === 'network') return facts.network;
  if (value === 'country') {
    const told = facts.details.country;
    if (typeof told === 'string' && told !== '') return told;
    return facts.address === null ? null : (placeOf?.(facts.address)?.country ?? null);
  }
  const told = facts.details[value.detail];
  return typeof told === 'string' && told !== '' ? told : null;
}

/** Two places that nobody travels between in the time between them. */
function travel({ speedKmh, leastKm }: Of<'travel'>, facts: Facts, state: WindowState, world: DetectorWorld) {
  const place = facts.address === null ? null : (world.placeOf?.(facts.address) ?? null);
  if (place === null || place.lat === null || place.lon === null) return null;
  const before = state.s.p;
  state.s.p = { at: facts.at, lat: place.lat, lon: place.lon };
  if (before === undefined) return null;
  const km = distanceKm([before.lat, before.lon], [place.lat, place.lon]);
  const hours = Math.max(Math.abs(facts.at - before.at), 1000) / 3_600_000;
  if (km < leastKm || km / hours <= speedKmh) return null;
  state.f = facts.at;
  return { amount: Math.round(km), evidence: [facts.id] };
}

/** More in a day than is usual on this weekday for this group, by the four of them in the last 28 days. */
function baseline(detector: Of<'baseline'>, facts: Facts, state: WindowState, world: DetectorWorld) {
  const { s } = state;
  const amount = amountOf(detector.measure, facts);
  if (amount === 0) return null;
  const day = Math.max(world.local(facts.at).day, s.d?.at(-1)?.[0] ?? 0);
  s.b ??= day;
  const days = (s.d ?? []).filter(([one]) => one > day - HABIT_DAYS - 1);
  const today = days.at(-1);
  if (today?.[0] === day) {
    today[1] += amount;
    s.e = [...(s.e ?? []), facts.id].slice(-MOST_EVIDENCE);
  } else {
    days.push([day, amount]);
    s.e = [facts.id];
    state.f = 0;
  }
  s.d = days;
  const sum = days.at(-1)?.[1] ?? 0;
  const usual = [7, 14, 21, 28].map((back) => day - back).filter((one) => one >= (s.b ?? day));
  const limit = Math.max(
    detector.floor,
    limitOf(
      usual.map((one) => amountOn(days, one)),
      detector.deviations,
    ),
  );
  if (sum <= limit) return null;
  return { amount: sum, evidence: fired(state, facts, 2 * DAY_MS, () => s.e ?? []) };
}

const amountOn = (days: readonly [number, number][], day: number) =>
  days.find(([one]) => one === day)?.[1] ?? 0;

/** Mean and so many standard deviations (of the sample's own mean); 0 where nothing is known. */
function limitOf(samples: readonly number[], deviations: number): number {
  if (samples.length === 0) return 0;
  const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length;
  const variance = samples.reduce((sum, one) => sum + (one - mean) ** 2, 0) / samples.length;
  return mean + deviations * Math.sqrt(variance);
}

const MASK = 2 ** HABIT_DAYS - 1;

/** Outside of office hours, and not what this person does as a habit at about this hour. */
function offHours(
  detector: Of<'off-hours'>,
  facts: Facts,
  state: WindowState,
  world: DetectorWorld,
): Found | null {
  const { hour, weekday, day } = world.local(facts.at);
  const { s } = state;
  const hours = s.hours ?? new Array<number>(24).fill(0);
  const passed = day - (s.day ?? day);
  if (passed > 0)
    for (let one = 0; one < 24; one += 1)
      hours[one] = passed > 27 ? 0 : ((hours[one] ?? 0) * 2 ** passed) & MASK;
  const near = (hours[(hour + 23) % 24] ?? 0) | (hours[hour] ?? 0) | (hours[(hour + 1) % 24] ?? 0);
  // Bit 0 is today, which is no habit yet.
  const habit = bits(near & ~1);
  if (passed >= 0) hours[hour] = (hours[hour] ?? 0) | 1;
  s.hours = hours;
  s.day = Math.max(day, s.day ?? day);
  const office = detector.weekdays.includes(weekday) && isWithin(hour, detector.from, detector.to);
  if (office || habit >= detector.habitDays) return null;
  state.f = facts.at;
  return { amount: 1, evidence: [facts.id] };
}

/** `from` belongs to the hours, `to` does not; hours over midnight are written with `from` after `to`. */
const isWithin = (hour: number, from: number, to: number): boolean =>
  from <= to ? hour >= from && hour < to : hour >= from || hour < to;

function bits(value: number): number {
  let [rest, found] = [value, 0];
  for (; rest !== 0; rest &= rest - 1) found += 1;
  return found;
}

/** A setting that is weaker than the one before it, or of which the writer says itself that it is (`loosened`). */
function lowered(fields: readonly LoweredField[], facts: Facts, state: WindowState): Found | null {
  const before = state.s.last ?? {};
  const { details } = facts;
  const said = details.loosened;
  const weaker = fields.filter((field) => isWeaker(field, before[field.name], details[field.name])).length;
  state.s.last = {
    ...before,
    ...Object.fromEntries(
      fields.flatMap(({ name }) => (details[name] === undefined ? [] : [[name, details[name] ?? null]])),
    ),
  };
  const told = said === undefined || said === null || said === false || said === 0 || said === '' ? 0 : 1;
  if (weaker + told === 0) return null;
  state.f = facts.at;
  return { amount: Math.max(weaker, told), evidence: [facts.id] };
}

function isWeaker(field: LoweredField, before: unknown, now: unknown): boolean {
  if (before === undefined || now === undefined || before === now) return false;
  switch (field.weaker) {
    case 'less':
      return Number(now) < Number(before);
    case 'more':
      return Number(now) > Number(before);
    case 'true':
      return now === true;
    case 'false':
      return now === false;
    case 'later':
      return field.order.indexOf(String(now)) > field.order.indexOf(String(before));
  }
}
