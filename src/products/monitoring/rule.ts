import { hash } from 'node:crypto';
import { z } from 'zod';

/** What a rule watches for. One language for the ready rules and an organisation's own; every part is data. */

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What entries are counted together by. */
export const GROUPS = ['account', 'actor', 'network', 'recipient', 'organisation'] as const;
export type GroupBy = (typeof GROUPS)[number];

export const SIGNALS = ['audit-behind', 'checkpoint-missing', 'witness-behind'] as const;
export type Signal = (typeof SIGNALS)[number];

const code = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/);
/** An action, or with a trailing dot all actions below it. */
const action = z
  .string()
  .regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*\.?$/)
  .max(64);
const DAY = 86_400;

const condition = z.discriminatedUnion('op', [
  z.strictObject({ detail: code, op: z.literal('is'), values: z.array(code).min(1).max(20) }),
  z.strictObject({ detail: code, op: z.literal('at-least'), value: z.number() }),
  /** A word in a list of words, separated by spaces or commas. */
  z.strictObject({ detail: code, op: z.literal('includes'), values: z.array(code).min(1).max(20) }),
  /** Neither absent nor null, false, zero or empty. */
  z.strictObject({ detail: code, op: z.literal('present') }),
]);
export type Condition = z.infer<typeof condition>;

const match = z.strictObject({
  // `incident.` and `alert.` are what the rules themselves write: watching them would feed a rule with itself.
  actions: z
    .array(action.refine((one) => !/^(incident|alert)\./.test(one), { params: { code: 'own-entries' } }))
    .max(40),
  results: z
    .array(z.enum(['done', 'refused', 'failed']))
    .max(3)
    .default([]),
  channels: z
    .array(z.enum(['api', 'console', 'portal', 'smtp', 'cli', 'worker']))
    .max(6)
    .default([]),
  details: z.array(condition).max(5).default([]),
});
export type Match = z.infer<typeof match>;

const measure = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('entries') }),
  z.strictObject({ of: z.literal('sum'), detail: code }),
  z.strictObject({ of: z.literal('distinct'), what: z.enum(['account', 'actor', 'network', 'recipient']) }),
]);
export type Measure = z.infer<typeof measure>;

const hour = z.number().int().min(0).max(24);
const field = z.discriminatedUnion('weaker', [
  z.strictObject({ name: code, weaker: z.enum(['less', 'more', 'true', 'false']) }),
  /** From strong to weak. */
  z.strictObject({ name: code, weaker: z.literal('later'), order: z.array(code).min(2).max(10) }),
]);
export type LoweredField = z.infer<typeof field>;

const detector = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('count'),
    measure,
    threshold: z.number().int().min(1).max(1_000_000),
    windowSeconds: z
      .number()
      .int()
      .min(10)
      .max(7 * DAY),
  }),
  z.strictObject({
    kind: z.literal('first-seen'),
    /** A country by the operator's database, the network itself, or a detail of the entry. */
    value: z.union([z.enum(['country', 'network']), z.strictObject({ detail: code })]),
    learnDays: z.number().int().min(0).max(90),
  }),
  z.strictObject({
    kind: z.literal('travel'),
    speedKmh: z.number().int().min(100).max(5_000),
    leastKm: z.number().int().min(50).max(10_000),
  }),
  z.strictObject({
    kind: z.literal('baseline'),
    measure: z.discriminatedUnion('of', [measure.options[0], measure.options[1]]),
    deviations: z.number().min(1).max(10),
    floor: z.number().int().min(1).max(1_000_000),
  }),
  z.strictObject({
    kind: z.literal('off-hours'),
    from: hour,
    to: hour,
    /** 1 Monday to 7 Sunday. */
    weekdays: z.array(z.number().int().min(1).max(7)).min(1).max(7),
    /** Days of the last 28 on which somebody acted at about this hour, from which on it is their habit. */
    habitDays: z.number().int().min(1).max(28),
  }),
  z.strictObject({ kind: z.literal('lowered'), fields: z.array(field).max(10) }),
  z.strictObject({
    kind: z.literal('signal'),
    signal: z.enum(SIGNALS),
    afterSeconds: z
      .number()
      .int()
      .min(5)
      .max(7 * DAY),
  }),
]);
export type Detector = z.infer<typeof detector>;

/** The whole of what a rule looks for. */
export const definitionSchema = z
  .strictObject({ match, by: z.enum(GROUPS), detector })
  .refine((one) => one.detector.kind === 'signal' || one.match.actions.length > 0, {
    path: ['match', 'actions'],
    params: { code: 'needed' },
  })
  .refine(
    ({ detector: d }) => d.kind !== 'count' || d.measure.of !== 'distinct' || d.threshold <= MOST_DISTINCT,
    {
      path: ['detector', 'threshold'],
      params: { code: 'too-big' },
    },
  )
  .meta({ id: 'AlertRuleDefinition' });
export type Definition = z.infer<typeof definitionSchema>;

/** Different values that a window remembers. */
export const MOST_DISTINCT = 500;

/** A rule as the evaluator takes it. */
export interface ActiveRule {
  /** Code of a ready rule, or the id of an own one. */
  readonly id: string;
  /** Changes with the definition: what was remembered under another one is not gone on with. */
  readonly tag: string;
  readonly severity: Severity;
  readonly definition: Definition;
}

export function activeRule(id: string, severity: Severity, definition: Definition): ActiveRule {
  const tag = hash('sha256', JSON.stringify(definition), 'hex').slice(0, 12);
  return { id, tag, severity, definition };
}

const DAY_MS = DAY * 1000;

/** How long after its last evidence an incident takes more of the same kind, in milliseconds. */
export function joinMs({ detector: one }: Definition): number {
  return Math.max(one.kind === 'count' ? one.windowSeconds * 1000 : 0, DAY_MS);
}
