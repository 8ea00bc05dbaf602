import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AlertRuleDefinition } from '../api-types.ts';
import { READY_NAMES, ruleSentence } from './alert-rules.ts';
import { failureWords } from './monitoring.ts';
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

  it('name no code in any ready rule, and those of an own rule in quotation marks', async () => {
    const at = new URL('../../../../src/products/monitoring/ready-rules.ts', import.meta.url).href;
    const { READY_RULES } = (await import(at)) as {
      READY_RULES: { code: string; definition: AlertRuleDefinition }[];
    };
    expect(READY_RULES.length).toBeGreaterThan(25);
    for (const { code, definition } of READY_RULES) {
      const sentence = ruleSentence(definition);
      // Neither an action, nor the name of a detail, nor a value as a program writes it.
      expect(sentence, code).not.toMatch(
        /[a-z]+\.[a-z]|[a-z][A-Z]|[a-z]+-(?:code|administrator)|with the code|entry’s “/,
      );
      expect(sentence, code).toMatch(/^Tells .+\.$/);
    }
    const details = [{ op: 'at-least' as const, detail: 'pages', value: 7 }];
    const match = {
      actions: ['new.act', 'new.'],
      results: ['refused' as const],
      channels: ['smtp' as const],
      details,
    };
    const detector = {
      kind: 'count',
      measure: { of: 'sum', detail: 'pages' },
      threshold: 9,
      windowSeconds: 60,
    } as const;
    expect(rule({ match, detector })).toBe(
      'Tells when an entry with the code “new.act” or anything whose code begins with “new.” adds up to 9 or more in “pages” for one account within a minute. Only where such acts were refused and it was by SMTP and the entry’s “pages” is 7 or more.',
    );
  });

  it('say what is counted, by whom, how many and in which time', () => {
    const counted = { kind: 'count', measure: { of: 'entries' }, threshold: 5, windowSeconds: 900 } as const;
    expect(rule({ detector: counted })).toBe(
      'Tells when there is “A sign-in was refused” 5 times for one account within 15 minutes.',
    );
    expect(rule({ detector: { ...counted, threshold: 1 } })).toBe(
      'Tells each time of “A sign-in was refused”.',
    );
    const details = [{ op: 'is', detail: 'ok', values: ['false'] } as const].map((one) => ({
      ...one,
      values: [...one.values],
    }));
    const match = { ...base.match, actions: ['audit.verified'], results: [], channels: [], details };
    expect(rule({ match, detector: { ...counted, threshold: 1 } })).toBe(
      'Tells each time of “Verified the audit log”. Only where the verification found something.',
    );
    const hours = { kind: 'off-hours', from: 6, to: 20, weekdays: [1, 2, 3, 4, 5], habitDays: 3 } as const;
    expect(rule({ detector: { ...hours, weekdays: [...hours.weekdays] } })).toContain(
      'outside of 6:00 to 20:00 on Monday to Friday',
    );
  });
});

it('what an alert failed by has words for each code of the sender', () => {
  const codes = [...source('monitoring/send-alerts.ts').matchAll(/failure: '([a-z-]+)'/g)].map(
    ([, one]) => one ?? '',
  );
  expect(codes.length).toBeGreaterThan(2);
  for (const code of [...codes, 'tls-failed', 'status-503'])
    expect(failureWords(code), code).not.toContain('the code');
  expect(failureWords('gateway-code-21211')).toBe('the text gateway gave its code 21211');
  expect(failureWords('gateway-timeout')).toBe('at the text gateway, the other side did not answer in time');
  expect(failureWords('odd')).toBe('the reason has the code “odd”');
});
