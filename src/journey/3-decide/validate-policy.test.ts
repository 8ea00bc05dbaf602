import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '#core/policy';
import { validatePolicy } from './validate-policy.ts';

const judged = (over: Partial<Policy>): string[] =>
  validatePolicy({ ...DEFAULT_POLICY, ...over }).map(({ path, code }) => `${path} ${code}`);

describe('a policy that is to be stored', () => {
  it('the default is in order', () => {
    expect(judged({})).toEqual([]);
    expect(judged({ waivers: { enabled: true, highestClass: 'light' } })).toEqual([]);
  });

  it('does not open the high class, neither for TLS alone nor for a waiver', () => {
    expect(judged({ tlsHighestClass: 'high' })).toEqual(['tlsHighestClass class-too-high']);
    expect(judged({ waivers: { enabled: false, highestClass: 'high' } })).toEqual([
      'waivers.highestClass class-too-high',
    ]);
  });

  it('has trigger words that can be typed, each once', () => {
    const triggers = { raise: ['[secure]', ' [x]', 'grün'], lower: ['[SECURE]', '=?x?='], lowering: false };
    expect(judged({ triggers })).toEqual([
      'triggers.raise.1 trigger-invalid',
      'triggers.raise.2 trigger-invalid',
      'triggers.lower.0 repeated-trigger',
      'triggers.lower.1 trigger-invalid',
    ]);
  });

  it('has no waiver in its order', () => {
    expect(judged({ methods: ['tls', 'waiver'] })).toEqual(['methods waiver-in-order']);
  });
});
