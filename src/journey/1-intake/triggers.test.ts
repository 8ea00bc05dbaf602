import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLASSES, classRank, type SensitivityClass } from '#core/method';
import { DEFAULT_POLICY } from '#core/policy';
import { classAfter, hearTriggers } from './triggers.ts';

const TRIGGERS = { raise: ['[secure]', '#geheim'], lower: ['[tls]'], lowering: true };

describe('trigger words of a subject', () => {
  it.each([
    ['[secure] Results', 'Results', true, false],
    ['Re: [SECURE] Results', 'Re: Results', true, false],
    ['Results[Secure]', 'Results', true, false],
    ['[secure]', '', true, false],
    ['A [secure] b [secure] c', 'A b c', true, false],
    ['#Geheim Ergebnis', 'Ergebnis', true, false],
    ['#geheimnis of the week', '#geheimnis of the week', false, false],
    ['[tls] Bill', 'Bill', false, true],
    ['[tls] [secure] Bill', 'Bill', true, true],
    ['secure  as  written', 'secure  as  written', false, false],
    ['Größe [secure] ñandú', 'Größe ñandú', true, false],
  ])('%s', (subject, left, raise, lower) => {
    const heard = hearTriggers(subject, TRIGGERS);
    expect(heard).toMatchObject({ subject: left, raise, lower });
    expect(heard.stripped > 0).toBe(raise || lower);
  });

  it('may be of any sign that can be typed', () => {
    const sign = fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code));
    const word = fc.array(sign, { minLength: 3, maxLength: 12 }).map((signs) => signs.join(''));
    fc.assert(
      fc.property(word, (one) => {
        const heard = hearTriggers(`Ab ${one} cd`, { raise: [one], lower: [], lowering: false });
        expect(heard).toMatchObject({ subject: 'Ab cd', stripped: 1, raise: true });
      }),
    );
  });

  it('are gone from whatever is left, and change nothing where there is none', () => {
    const part = fc.constantFrom('[secure]', '[TLS]', 'a', ' ', 'é', '[', ']', 'secure', '#geheim', '.*');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const subject = parts.join('');
        const heard = hearTriggers(subject, TRIGGERS);
        if (heard.stripped === 0) expect(heard.subject).toBe(subject);
        if (parts.includes('[secure]')) expect(heard.raise).toBe(true);
        expect(heard.subject.toLowerCase()).not.toContain('[secure]');
        expect(heard.subject.toLowerCase()).not.toContain('[tls]');
      }),
    );
  });
});

describe('the class after trigger words', () => {
  const policies = fc.record({
    tlsHighestClass: fc.constantFrom(...CLASSES),
    waivers: fc.record({ enabled: fc.boolean(), highestClass: fc.constantFrom(...CLASSES) }),
    triggers: fc.boolean().map((lowering) => ({ ...TRIGGERS, lowering })),
  });
  const spoken = fc.record({ raise: fc.boolean(), lower: fc.boolean() });
  const anything = fc.tuple(fc.constantFrom(...CLASSES), spoken, policies, fc.boolean());
  type Case = [
    SensitivityClass,
    { raise: boolean; lower: boolean },
    Parameters<typeof classAfter>[2],
    boolean,
  ];
  // All that a fall needs but for the policy's classes: of what is drawn at random a run could meet none.
  const nearFall = policies.map(
    (policy): Case => [
      'light',
      { raise: false, lower: true },
      { ...policy, triggers: { ...TRIGGERS, lowering: true } },
      true,
    ],
  );

  it('is high when raised; falls only where allowed, never from high, never below TLS or into a waiver', () => {
    let lowered = 0;
    fc.assert(
      fc.property(fc.oneof(anything, nearFall), ([given, said, policy, may]) => {
        const { class: after, effect } = classAfter(given, said, policy, may);
        if (said.raise) expect(after).toBe('high');
        expect(after !== given).toBe(effect === 'raised' || effect === 'lowered');
        if (effect !== 'lowered') return;
        lowered += 1;
        expect([may, policy.triggers.lowering, said.raise, given]).toEqual([true, true, false, 'light']);
        expect(after).toBe(policy.tlsHighestClass);
        const open = policy.waivers.enabled && classRank(after) <= classRank(policy.waivers.highestClass);
        expect(open).toBe(false);
      }),
      { numRuns: 2000 },
    );
    expect(lowered).toBeGreaterThan(0);
  });

  it('stays as it was, and says so, where the organisation does not allow lowering', () => {
    const policy = { ...DEFAULT_POLICY, tlsHighestClass: 'ordinary' } as const;
    expect(classAfter('light', { raise: false, lower: true }, policy, true)).toEqual({
      class: 'light',
      effect: 'lowering-refused',
    });
  });
});
