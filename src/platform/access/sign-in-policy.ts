import { z } from 'zod';
import type { Permission } from '#core/actor';
import type { FactorRow } from './factor.store.ts';

/**
 * How strong a sign-in must be, weakest first. `any`: two factors of those that the organisation allows; `phishing-resistant`:
 * a passkey, hardware key or certificate (NIST SP 800-63B-4: required at AAL3, to be offered at AAL2); `device-bound`: one whose
 * key does not leave its authenticator (AAL3).
 */
export const LEVELS = ['any', 'phishing-resistant', 'device-bound'] as const;
export type Level = (typeof LEVELS)[number];

const level = z.enum(LEVELS);
const CERTIFICATES = ['off', 'phishing-resistant', 'device-bound'] as const;

/** What an organisation demands of people who sign in to it. */
export const signInRuleSchema = z
  .strictObject({
    everyone: level.describe('Demanded of everybody'),
    administrators: level.describe(
      'Demanded of whoever may change roles, members, keys, or how people sign in',
    ),
    roles: z
      .array(z.strictObject({ role: z.string().min(1).max(100), level }))
      .max(100)
      .describe('Demanded beside that of holders of a role: its name, or the id of an own one'),
    totp: z.boolean().describe('Whether codes of an authenticator app count at `any`'),
    mailedCode: z
      .boolean()
      .describe('Whether a code by mail counts at `any`; NIST SP 800-63B-4 does not count it at all'),
    textedCode: z
      .boolean()
      .describe(
        'Whether a code by text counts at `any`; NIST SP 800-63B-4 restricts it: numbers are taken over, texts are read on their way',
      ),
    certificate: z
      .enum(CERTIFICATES)
      .describe(
        'Whether a client certificate (smart card) under the authorities that the operator named counts beside the passphrase: `off`; `phishing-resistant`; `device-bound` says besides that these authorities issue to cards and hardware alone',
      ),
    graceDays: z.int().min(0).max(90).describe('For people who were there when the demands were raised'),
    newPeopleGraceDays: z.int().min(0).max(30).describe('For people who came later, from when they came'),
    passphrase: z.strictObject({
      minimum: z.int().min(8).max(64).describe('Characters; 15 is the usual'),
      mixture: z
        .boolean()
        .describe('Asks for lower and upper case, a digit and a sign; NIST SP 800-63B-4 forbids such rules'),
      maxAgeDays: z
        .int()
        .min(30)
        .max(3650)
        .nullable()
        .describe(
          'Days after which a passphrase that is used must be changed on the way in; null: never, as NIST SP 800-63B-4 demands',
        ),
    }),
  })
  .meta({ id: 'SignInRule' });
export type SignInRule = z.output<typeof signInRuleSchema>;

/** As it is where an organisation has said nothing. */
export const USUAL_SIGN_IN: SignInRule = {
  everyone: 'any',
  administrators: 'phishing-resistant',
  roles: [],
  totp: true,
  mailedCode: false,
  textedCode: false,
  certificate: 'off',
  graceDays: 14,
  newPeopleGraceDays: 0,
  passphrase: { minimum: 15, mixture: false, maxAgeDays: null },
};

/** Who holds one of these is an administrator here: each lets its holder, in the end, become anybody. */
const ADMINISTRATIVE: readonly Permission[] = [
  'roles:write',
  'members:write',
  'sign-in:write',
  'access-rules:write',
  'api-keys:write',
  'organisation:write',
  'keys:rotate',
  'installation:operate',
];

/** The rule that is kept, filled up with the usual; what this release cannot read is an error, never a weaker rule. */
export function signInRuleOf(kept: unknown): SignInRule {
  const given = typeof kept === 'object' && kept !== null ? kept : {};
  const inner: unknown = 'passphrase' in given ? given.passphrase : null;
  const passphrase = { ...USUAL_SIGN_IN.passphrase, ...(typeof inner === 'object' ? inner : {}) };
  return signInRuleSchema.parse({ ...USUAL_SIGN_IN, ...given, passphrase });
}

const rank = (one: Level): number => LEVELS.indexOf(one);
const worth = (one: SignInRule['certificate']): number => CERTIFICATES.indexOf(one);

/** The strictest of what is demanded of a person. */
export function levelFor(
  rule: SignInRule,
  person: { readonly permissions: ReadonlySet<Permission>; readonly roles: readonly string[] },
): Level {
  const demanded: Level[] = [rule.everyone];
  if (ADMINISTRATIVE.some((permission) => person.permissions.has(permission)))
    demanded.push(rule.administrators);
  for (const { role, level: of } of rule.roles) if (person.roles.includes(role)) demanded.push(of);
  return demanded.reduce((strictest, one) => (rank(one) > rank(strictest) ? one : strictest));
}

/** Whether a rule asks more of anybody than another did: then the days of grace begin anew. */
export function raises(before: SignInRule, after: SignInRule): boolean {
  if (rank(after.everyone) > rank(before.everyone)) return true;
  if (rank(after.administrators) > rank(before.administrators)) return true;
  if ((before.totp && !after.totp) || (before.mailedCode && !after.mailedCode)) return true;
  if (before.textedCode && !after.textedCode) return true;
  if (worth(before.certificate) > worth(after.certificate)) return true;
  return after.roles.some(({ role, level: now }) => {
    const then = before.roles.find((one) => one.role === role)?.level ?? 'any';
    return rank(now) > rank(then);
  });
}

/** Whether a rule asks less of anybody than another did, or gives more time: watchers of the audit log are told so. */
export function loosens(before: SignInRule, after: SignInRule): boolean {
  return (
    raises(after, before) ||
    after.graceDays > before.graceDays ||
    after.newPeopleGraceDays > before.newPeopleGraceDays ||
    after.passphrase.minimum < before.passphrase.minimum ||
    (after.passphrase.maxAgeDays ?? Number.POSITIVE_INFINITY) >
      (before.passphrase.maxAgeDays ?? Number.POSITIVE_INFINITY)
  );
}

/** Words that a sign-in by an outside identity provider brings. */
const FEDERATED = ['oidc', 'saml', 'ldap'];

/**
 * Whether what was shown is enough. A certificate is one factor: that a card asked for its PIN cannot be seen from here, so the
 * passphrase is asked for beside it. `shown` are the words a session keeps: `passphrase`, `totp`, `recovery-code`, `mailed-code`, `texted-code`,
 * `passkey`, `certificate`, `oidc`, `saml`, and what is known of the last ones: `user-verified` (by PIN or body), `device-bound`,
 * `phishing-resistant` (an identity provider says so).
 */
export function isEnough(rule: SignInRule, demanded: Level, shown: readonly string[]): boolean {
  const has = (word: string): boolean => shown.includes(word);
  // A passkey alone is one factor, unless its authenticator has verified its holder.
  const passkey = has('passkey') && (has('passphrase') || has('user-verified'));
  const card = has('certificate') && has('passphrase') && rule.certificate !== 'off';
  const resistant = passkey || card || has('phishing-resistant');
  switch (demanded) {
    case 'device-bound':
      return (card && rule.certificate === 'device-bound') || (passkey && has('device-bound'));
    case 'phishing-resistant':
      return resistant;
    case 'any':
      return (
        resistant ||
        FEDERATED.some(has) ||
        (has('passphrase') &&
          (has('recovery-code') ||
            (rule.totp && has('totp')) ||
            (rule.mailedCode && has('mailed-code')) ||
            (rule.textedCode && has('texted-code'))))
      );
  }
}

/** Whether a factor that a person has would be enough beside their passphrase. Recovery codes never count. */
export function wouldDo(rule: SignInRule, demanded: Level, factor: FactorRow): boolean {
  if (factor.kind === 'recovery-code') return false;
  const bound = factor.device_bound === true ? ['device-bound'] : [];
  return isEnough(rule, demanded, ['passphrase', factor.kind, ...bound]);
}

/** Whether a factor is in its time; only certificates come to an end. */
export function isCurrent(factor: FactorRow, at: Date): boolean {
  return factor.expires_at === null || factor.expires_at > at;
}
