import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AlertRuleDefinition } from '../api-types.ts';
import { READY_NAMES, ruleSentence } from './alert-rules.ts';
import { CHECK_WORDS } from './security-score.ts';

const source = (path: string) =>
  readFileSync(new URL(`../../../../src/products/${path}`, import.meta.url), 'utf8');
const base = {
  match: { actions: ['session.refused'], results: [], channels: [], details: [] },
  by: 'account',
} as const;
const rule = (over: Omit<Partial<AlertRuleDefinition>, never> & Pick<AlertRuleDefinition, 'detector'>) =>
  ruleSentence({
    ...base,
    match: { ...base.match, actions: [...base.match.actions], results: [], channels: [], details: [] },
    ...over,
  });

describe('rules in words', () => {
  it('have a name for each ready rule, and a check its words', () => {
    const rules = source('monitoring/ready-rules.ts');
    const codes = [
      ...rules.matchAll(
        /'((?:sign-in|data|settings|emergency|portal)\.[a-z-]+)',\s*'(?:low|medium|high|critical)'/g,
      ),
    ];
    expect(codes.length).toBeGreaterThan(25);
    for (const [, code] of codes) expect(READY_NAMES[code ?? '']).toBeTruthy();
    const checks = [...source('security-score/checks.ts').matchAll(/code: '([a-z-]+)'/g)];
    expect(checks.length).toBeGreaterThan(20);
    for (const [, code] of checks) expect(CHECK_WORDS[code ?? '']?.why).toBeTruthy();
  });

  it('say what is counted, by whom, how many and in which time', () => {
    const counted = { kind: 'count', measure: { of: 'entries' }, threshold: 5, windowSeconds: 900 } as const;
    expect(rule({ detector: counted })).toBe(
      'Tells of 5 entries of “A sign-in was refused” for one account within 15 minutes.',
    );
    expect(rule({ detector: { ...counted, threshold: 1 } })).toBe('Tells of each “A sign-in was refused”.');
    const details = [{ op: 'is', detail: 'ok', values: ['false'] } as const].map((one) => ({
      ...one,
      values: [...one.values],
    }));
    const match = { ...base.match, actions: ['audit.verified'], results: [], channels: [], details };
    expect(rule({ match, detector: { ...counted, threshold: 1 } })).toBe(
      'Tells of each “Verified the audit log”. Only where ok is false.',
    );
    const hours = { kind: 'off-hours', from: 6, to: 20, weekdays: [1, 2, 3, 4, 5], habitDays: 3 } as const;
    expect(rule({ detector: { ...hours, weekdays: [...hours.weekdays] } })).toContain(
      'outside of 6:00 to 20:00 on Monday to Friday',
    );
  });
});
