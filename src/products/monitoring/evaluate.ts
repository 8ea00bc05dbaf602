import { type DetectorWorld, step, type WindowState } from './detectors.ts';
import { type Facts, fits, fitsAction, groupOf } from './facts.ts';
import { type ActiveRule, joinMs } from './rule.ts';

/** A rule that found something at one entry. */
export interface Hit {
  readonly rule: ActiveRule;
  readonly group: string;
  readonly at: number;
  readonly amount: number;
  readonly evidence: readonly string[];
}

/** What the rules remember, by window. Whoever runs them loads before and keeps after. */
export type Windows = Map<string, WindowState>;

export interface Compiled {
  /** The rules that look at an action; found once for each that comes. */
  for(action: string): readonly ActiveRule[];
}

/** Actions that are remembered; others are compared each time. There are some hundred. */
const MOST_ACTIONS = 2_000;

export function compileRules(rules: readonly ActiveRule[]): Compiled {
  const known = new Map<string, readonly ActiveRule[]>();
  return {
    for(action) {
      const found = known.get(action);
      if (found) return found;
      const list = rules.filter(({ definition }) => fitsAction(action, definition.match));
      if (known.size < MOST_ACTIONS) known.set(action, list);
      return list;
    },
  };
}

/** The name of a window. A changed rule begins anew: what it looks for is part of the name. */
const windowKey = (rule: ActiveRule, group: string): string => `${rule.id} ${rule.tag} ${group}`;

/** How long a window may be forgotten after its last entry, in milliseconds. */
export function keptMs({ definition }: ActiveRule): number {
  const { detector } = definition;
  return detector.kind === 'count' ? detector.windowSeconds * 1000 : 60 * 86_400_000;
}

/** An entry that a rule looks at, and the window that it touches. */
interface Match {
  readonly rule: ActiveRule;
  readonly group: string;
  readonly key: string;
  readonly facts: Facts;
}

/** What the rules look at of these entries, in order; `key` says which windows must be there before they are evaluated. */
export function matchRules(compiled: Compiled, entries: readonly Facts[]): readonly Match[] {
  const matches: Match[] = [];
  for (const facts of entries) {
    for (const rule of compiled.for(facts.action)) {
      const group = groupFor(facts, rule);
      if (group !== null) matches.push({ rule, group, key: windowKey(rule, group), facts });
    }
  }
  return matches;
}

/** Null where the rule does not look at the entry. */
function groupFor(facts: Facts, { definition }: ActiveRule): string | null {
  if (!fits(facts, definition.match)) return null;
  const group = groupOf(facts, definition.by);
  // Settings are compared with what they were, each kind with its own.
  return group !== null && definition.detector.kind === 'lowered' ? `${group} ${facts.action}` : group;
}

/**
 * Takes what was matched of entries in the sequencer's order, changes the windows and tells what the rules found. Pure but for
 * `windows`, and the same wherever the stream is cut: what was found depends on entries and windows alone.
 */
export function evaluate(matches: readonly Match[], windows: Windows, world: DetectorWorld): readonly Hit[] {
  const hits: Hit[] = [];
  for (const { rule, group, key, facts } of matches) {
    let state = windows.get(key);
    if (state === undefined) {
      state = { f: 0, s: {} };
      windows.set(key, state);
    }
    const found = step(rule.definition.detector, facts, state, world);
    if (found !== null) hits.push({ rule, group, at: facts.at, ...found });
  }
  return hits;
}

/** What belongs to one incident of those hits. */
export interface Finding {
  readonly rule: ActiveRule;
  readonly group: string;
  readonly firstAt: number;
  lastAt: number;
  hits: number;
  /** The most that was counted at once. */
  amount: number;
  evidence: string[];
}

export const MOST_INCIDENT_EVIDENCE = 200;

/** Adds hits to what was found before: those of one group go together until there was none of them for a while (`joinMs`). */
export function foldHits(hits: readonly Hit[], open = new Map<string, Finding>()): Finding[] {
  const begun: Finding[] = [];
  for (const { rule, group, at, amount, evidence } of hits) {
    const key = `${rule.id} ${group}`;
    const found = open.get(key);
    if (found === undefined || at - found.lastAt > joinMs(rule.definition)) {
      const fresh = { rule, group, firstAt: at, lastAt: at, hits: 1, amount, evidence: [...evidence] };
      open.set(key, fresh);
      begun.push(fresh);
      continue;
    }
    found.lastAt = Math.max(found.lastAt, at);
    found.hits += 1;
    found.amount = Math.max(found.amount, amount);
    if (found.evidence.length < MOST_INCIDENT_EVIDENCE) {
      found.evidence = [...found.evidence, ...evidence].slice(0, MOST_INCIDENT_EVIDENCE);
    }
  }
  return begun;
}
