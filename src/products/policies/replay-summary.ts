import type { DeliveryId, MessageId } from '#core/ids';
import type { Method, SensitivityClass, Stream } from '#core/method';
import type { ReplayEffect, ReplayedDecision } from './replay-decision.ts';

/** Counts of what became of a group of decisions. */
export interface ReplayTally {
  decisions: number;
  changed: number;
  higher: number;
  lower: number;
  gained: number;
  lost: number;
}

export interface ReplayMove {
  readonly from: Method | 'none';
  readonly to: Method | 'none';
  count: number;
  assumed: number;
}

/** One decision to look at; who it was for is seen on the message's page, by who may. */
export interface ReplaySample {
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  readonly class: SensitivityClass;
  readonly stream: Stream;
  readonly domain: string;
  readonly from: Method | 'none';
  readonly to: Method | 'none';
  readonly effect: ReplayEffect;
  readonly assumed: boolean;
}

/** What a replay has come to so far. Codes, counts, domains and ids; no PHI. */
export interface ReplaySummary extends ReplayTally {
  reproduced: number;
  /** Facts rebuilt from the decision, because none were kept. */
  incomplete: number;
  assumed: number;
  readonly moves: ReplayMove[];
  readonly classes: Record<string, ReplayTally>;
  readonly streams: Record<string, ReplayTally>;
  /** Only domains where something changes; beyond 500 they are counted under `*`. */
  readonly domains: Record<string, ReplayTally>;
  readonly samples: ReplaySample[];
  /** Decisions that the policy of their time does not come to again. They are in no other count but `decisions`. */
  readonly differing: ReplaySample[];
}

const MOST_DOMAINS = 500;
const MOST_SAMPLES = 60;
const SAMPLES_A_MOVE = 8;
const MOST_DIFFERING = 20;

const tally = (): ReplayTally => ({ decisions: 0, changed: 0, higher: 0, lower: 0, gained: 0, lost: 0 });

export function emptySummary(): ReplaySummary {
  return {
    ...tally(),
    ...{ reproduced: 0, incomplete: 0, assumed: 0 },
    ...{ moves: [], classes: {}, streams: {}, domains: {}, samples: [], differing: [] },
  };
}

/** Counts one decision in. Changes the summary in place: it is called a hundred thousand times. */
export function addToSummary(summary: ReplaySummary, one: ReplayedDecision): void {
  const { past } = one;
  if (!one.complete) summary.incomplete += 1;
  if (!one.reproduced) {
    summary.decisions += 1;
    if (summary.differing.length < MOST_DIFFERING) summary.differing.push(sampleOf(one));
    return;
  }
  summary.reproduced += 1;
  count(summary, one.effect);
  count(within(summary.classes, past.class), one.effect);
  count(within(summary.streams, past.stream), one.effect);
  if (one.effect === 'same') return;
  if (one.assumed) summary.assumed += 1;
  count(within(summary.domains, domainKey(summary, past.domain)), one.effect);
  const move = moveOf(summary, one.from, one.to);
  move.count += 1;
  if (one.assumed) move.assumed += 1;
  if (summary.samples.length < MOST_SAMPLES && move.count <= SAMPLES_A_MOVE)
    summary.samples.push(sampleOf(one));
}

function count(into: ReplayTally, effect: ReplayEffect): void {
  into.decisions += 1;
  if (effect === 'same') return;
  into.changed += 1;
  if (effect !== 'other') into[effect] += 1;
}

function within(tallies: Record<string, ReplayTally>, key: string): ReplayTally {
  const found = Object.hasOwn(tallies, key) ? tallies[key] : undefined;
  if (found) return found;
  const fresh = tally();
  tallies[key] = fresh;
  return fresh;
}

function domainKey({ domains }: ReplaySummary, domain: string): string {
  return Object.hasOwn(domains, domain) || Object.keys(domains).length < MOST_DOMAINS ? domain : '*';
}

function moveOf(summary: ReplaySummary, from: Method | 'none', to: Method | 'none'): ReplayMove {
  const found = summary.moves.find((one) => one.from === from && one.to === to);
  if (found) return found;
  const fresh = { from, to, count: 0, assumed: 0 };
  summary.moves.push(fresh);
  return fresh;
}

function sampleOf({ past, from, to, effect, assumed }: ReplayedDecision): ReplaySample {
  const { message, delivery, stream, domain } = past;
  return { message, delivery, class: past.class, stream, domain, from, to, effect, assumed };
}
