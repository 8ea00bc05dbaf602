import { describe, expect, it } from 'vitest';
import { CLASSES, type SensitivityClass } from '#core/method';
import { FIRST_FACTORS, type PortalSignInRule } from '#core/portal';
import {
  carriedOver,
  FACTORS,
  type Factor,
  factorsOf,
  mayOpen,
  nextFactors,
  passkeyAddedAfter,
} from './factors.ts';
import { signInRuleOf, USUAL_RULE } from './sign-in-rule.ts';

const QUESTIONS = ['always', 'high', 'never'] as const;
const rule = (more: Partial<PortalSignInRule> = {}): PortalSignInRule => ({ ...USUAL_RULE, ...more });

function subsetsOf<T>(all: readonly T[]): T[][] {
  return all.reduce<T[][]>((known, one) => known.concat(known.map((some) => [...some, one])), [[]]);
}
/** What only says what a proof is worth elsewhere changes nothing here. */
const PROOFS: readonly Factor[] = FACTORS.filter((one) => one !== 'own-mailbox');
const EVERY_PROOF = subsetsOf(PROOFS);
const EVERY_RULE = subsetsOf(FIRST_FACTORS)
  .filter((first) => first.includes('mailed-code') || first.includes('texted-code'))
  .flatMap((first) => QUESTIONS.map((question) => rule({ first, question })))
  .concat(
    (['beside', 'only'] as const).flatMap((delegated) =>
      [FIRST_FACTORS, ['texted-code'] as const].flatMap((first) =>
        QUESTIONS.map((question) => rule({ first, question, delegated })),
      ),
    ),
  );

/** The rule in other words: a list of pairs that are enough for the high class. */
const PAIRS: readonly (readonly [Factor, Factor])[] = [
  ['mailed-code', 'texted-code'],
  ['mailed-code', 'passkey-after-text'],
  ['passkey-after-mail', 'texted-code'],
  ['passkey-after-mail', 'passkey-after-text'],
  // An organisation's portal stands for the mailbox, unless it says that it asked for two things.
  ['organisation-portal', 'texted-code'],
  ['organisation-portal', 'passkey-after-text'],
];
const KNOWN = [
  'mailed-code',
  'texted-code',
  'passkey-after-mail',
  'passkey-after-text',
  'organisation-portal',
] as const;

function expected(proved: readonly Factor[], level: SensitivityClass, by: PortalSignInRule): boolean {
  const has = (factor: Factor) => proved.includes(factor);
  const passkey = has('passkey') || has('passkey-after-mail') || has('passkey-after-text');
  const portal = has('organisation-portal') || has('organisation-portal-strong');
  const codes =
    (has('mailed-code') && by.first.includes('mailed-code')) ||
    (has('texted-code') && by.first.includes('texted-code')) ||
    (has('device') && by.first.includes('device')) ||
    (passkey && by.first.includes('passkey'));
  const inside = (portal && by.delegated !== undefined) || (codes && by.delegated !== 'only');
  if (!inside || (by.question === 'always' && !has('question'))) return false;
  if (level !== 'high') return true;
  if (has('passkey') || has('organisation-portal-strong')) return true;
  if (PAIRS.some(([one, other]) => has(one) && has(other))) return true;
  return by.question !== 'never' && has('question') && KNOWN.some(has);
}

describe('what opens a message', () => {
  it('is what the rule in other words says, over every proof, class and rule', () => {
    let tried = 0;
    const wrong: string[] = [];
    for (const proved of EVERY_PROOF)
      for (const level of CLASSES)
        for (const by of EVERY_RULE) {
          tried += 1;
          if (mayOpen(proved, level, by) !== expected(proved, level, by))
            wrong.push(`${proved.join('+')} ${level} ${JSON.stringify(by)}`);
        }
    expect(wrong).toEqual([]);
    expect(tried).toBe(512 * 3 * 48);
  });

  it('is never less than two things for the high class, and more proof never closes', () => {
    const strong: readonly Factor[] = ['passkey', 'organisation-portal-strong'];
    const closed: string[] = [];
    for (const by of EVERY_RULE) {
      for (const one of FACTORS) if (!strong.includes(one)) expect(mayOpen([one], 'high', by)).toBe(false);
      expect(mayOpen(['device', 'question'], 'high', by)).toBe(false);
      for (const proved of EVERY_PROOF)
        for (const level of CLASSES)
          if (mayOpen(proved, level, by))
            for (const more of FACTORS)
              if (!mayOpen([...proved, more], level, by)) closed.push(`${more} on ${proved.join('+')}`);
    }
    expect(closed).toEqual([]);
  });

  it('never is the question alone, nor anything at an organisation that does not take it first', () => {
    for (const by of EVERY_RULE)
      for (const level of CLASSES) expect(mayOpen(['question'], level, by)).toBe(false);
    expect(mayOpen(['own-mailbox', 'question'], 'ordinary', rule())).toBe(false);
    expect(mayOpen(['mailed-code', 'own-mailbox'], 'high', rule())).toBe(false);
    expect(mayOpen(['device'], 'ordinary', rule({ first: ['mailed-code'] }))).toBe(false);
    expect(mayOpen(['passkey'], 'high', rule({ first: ['mailed-code'] }))).toBe(false);
    for (const portal of ['organisation-portal', 'organisation-portal-strong'] as const)
      expect(mayOpen([portal], 'ordinary', rule())).toBe(false);
    expect(mayOpen(['mailed-code', 'passkey'], 'ordinary', rule({ delegated: 'only' }))).toBe(false);
  });
});

describe('what comes next', () => {
  it.each<[string, Factor[], SensitivityClass, Partial<PortalSignInRule>, Factor[], Factor[]]>([
    ['nothing where it is open', ['mailed-code'], 'light', {}, ['mailed-code', 'question'], []],
    ['the question after a code', ['mailed-code'], 'high', {}, ['mailed-code', 'question'], ['question']],
    [
      'telephone, passkey or question after a code',
      ['mailed-code'],
      'high',
      {},
      ['mailed-code', 'texted-code', 'passkey', 'question'],
      ['texted-code', 'passkey', 'question'],
    ],
    [
      'a code first on a remembered device, and the question only after it',
      ['device'],
      'high',
      {},
      ['mailed-code', 'question'],
      ['mailed-code'],
    ],
    [
      'a passkey, or both codes, on a remembered device',
      ['device'],
      'high',
      {},
      ['mailed-code', 'texted-code', 'passkey'],
      ['mailed-code', 'texted-code', 'passkey'],
    ],
    ['nothing where only the mailbox is known', ['mailed-code'], 'high', {}, ['mailed-code'], []],
    [
      'nothing where a passkey stands for the mailbox alone',
      ['mailed-code'],
      'high',
      {},
      ['mailed-code', 'passkey-after-mail'],
      [],
    ],
    [
      'no question where none is asked',
      ['mailed-code'],
      'high',
      { question: 'never' },
      ['mailed-code', 'question', 'texted-code'],
      ['texted-code'],
    ],
    [
      'the question on a remembered device where it is always asked',
      ['device'],
      'ordinary',
      { question: 'always' },
      ['mailed-code', 'question'],
      ['question'],
    ],
    [
      'nothing where it is always asked and none is on record',
      ['mailed-code'],
      'ordinary',
      { question: 'always' },
      ['mailed-code', 'texted-code'],
      [],
    ],
    [
      'a code where devices are not taken',
      ['device'],
      'ordinary',
      { first: ['mailed-code', 'texted-code'] },
      ['mailed-code', 'texted-code', 'passkey'],
      ['mailed-code', 'texted-code'],
    ],
  ])('is %s', (_, proved, level, more, onRecord, next) => {
    expect(nextFactors(proved, level, rule(more), onRecord)).toEqual(next);
  });

  it('leads to an open message by any of its steps, and is empty only where none does', () => {
    const wrong: string[] = [];
    for (const by of [
      rule(),
      rule({ question: 'always' }),
      rule({ first: ['texted-code'], question: 'never' }),
      rule({ delegated: 'only' }),
    ])
      for (const level of CLASSES)
        for (const proved of EVERY_PROOF.filter((one) => one.length <= 2))
          for (const onRecord of EVERY_PROOF.filter((one) => one.length <= 3)) {
            const next = nextFactors(proved, level, by, onRecord);
            const none = !mayOpen([...proved, ...onRecord], level, by) || mayOpen(proved, level, by);
            const right =
              (none ? next.length === 0 : next.length > 0) &&
              next.every((one) => onRecord.includes(one) && !proved.includes(one)) &&
              (!next.includes('question') || mayOpen([...proved, 'question'], level, by));
            if (!right) wrong.push(`${proved.join('+')} of ${onRecord.join('+')}: ${next.join('+')}`);
          }
    expect(wrong).toEqual([]);
  });
});

describe('what a passkey and a session carry', () => {
  it.each<[Factor[], ReturnType<typeof passkeyAddedAfter>]>([
    [[], null],
    [['device'], null],
    [['device', 'mailed-code'], 'passkey-after-mail'],
    [['texted-code'], 'passkey-after-text'],
    [['passkey-after-mail'], 'passkey-after-mail'],
    [['passkey-after-mail', 'mailed-code'], 'passkey-after-mail'],
    [['mailed-code', 'question'], 'passkey'],
    [['mailed-code', 'texted-code'], 'passkey'],
    [['passkey'], 'passkey'],
    // By the word of one organisation's portal nothing is added that would outlast it.
    [['organisation-portal'], null],
    [['organisation-portal-strong', 'mailed-code', 'texted-code'], null],
  ])('added after %j it stands for %j', (proved, stands) => {
    expect(passkeyAddedAfter(proved)).toBe(stands);
  });

  it('over to another organisation is the mailbox, and a session of before is a remembered device', () => {
    expect(carriedOver(['mailed-code', 'question', 'own-mailbox'])).toEqual(['mailed-code', 'own-mailbox']);
    expect(carriedOver(['passkey', 'texted-code', 'own-mailbox'])).toEqual(['device', 'own-mailbox']);
    // What one organisation has put on record, or its portal vouches for, reaches no other.
    for (const proved of EVERY_PROOF) expect(carriedOver(proved)).toEqual([]);
    expect(carriedOver(['organisation-portal-strong', 'mailed-code', 'own-mailbox'])).toEqual([]);
    expect(factorsOf(null)).toEqual(['device']);
    expect(factorsOf(['texted-code', 'of-tomorrow'])).toEqual(['texted-code']);
  });
});

describe("the organisation's rule as it is kept", () => {
  it('is as usual where nothing is set, and strict where it cannot be read', () => {
    expect(signInRuleOf(undefined)).toEqual(USUAL_RULE);
    const kept = { first: ['texted-code', 'device'], question: 'never', wrongAnswers: 3 };
    expect(signInRuleOf(kept)).toEqual(kept);
    const strict = { first: ['mailed-code'], question: 'always', wrongAnswers: 3 };
    for (const odd of [
      'soon',
      { ...kept, first: ['device'] },
      { ...kept, first: 'mailed-code' },
      { ...kept, question: 'sometimes' },
      { ...kept, wrongAnswers: 11 },
      { ...kept, wrongAnswers: Number.NaN },
    ])
      expect(signInRuleOf(odd)).toEqual(strict);
  });
});
