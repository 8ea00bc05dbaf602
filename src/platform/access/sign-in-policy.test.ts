import { describe, expect, it } from 'vitest';
import { loosens, type SignInRule, USUAL_SIGN_IN } from './sign-in-policy.ts';

const { passphrase } = USUAL_SIGN_IN;

// Each step the one way is told to who watches the audit log, and the other way is not.
const STEPS: readonly (readonly [string, Partial<SignInRule>, Partial<SignInRule>])[] = [
  ['codes by text', { textedCode: false }, { textedCode: true }],
  ['codes by mail', { mailedCode: false }, { mailedCode: true }],
  ['codes of an app', { totp: false }, { totp: true }],
  ['certificates', { certificate: 'off' }, { certificate: 'phishing-resistant' }],
  ['certificates worth more', { certificate: 'phishing-resistant' }, { certificate: 'device-bound' }],
  ['less of everybody', { everyone: 'phishing-resistant' }, { everyone: 'any' }],
  ['less of a role', { roles: [{ role: 'nurse', level: 'device-bound' }] }, { roles: [] }],
  ['more days', { graceDays: 0 }, { graceDays: 1 }],
  [
    'passphrases that last',
    { passphrase: { ...passphrase, maxAgeDays: 90 } },
    { passphrase: { ...passphrase, maxAgeDays: null } },
  ],
];

describe('a rule of signing in is weaker than another', () => {
  it.each(STEPS)('by %s', (_name, strict, weak) => {
    const [one, other] = [
      { ...USUAL_SIGN_IN, ...strict },
      { ...USUAL_SIGN_IN, ...weak },
    ];
    expect([loosens(one, other), loosens(other, one), loosens(one, one)]).toEqual([true, false, false]);
  });
});
