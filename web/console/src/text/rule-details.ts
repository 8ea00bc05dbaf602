import type { AlertRuleDefinition } from '../api-types.ts';
import { catalogue } from './catalogue.ts';
import { readyRoleText } from './roles.ts';

type Condition = AlertRuleDefinition['match']['details'][number];
type Lowered = Extract<AlertRuleDefinition['detector'], { kind: 'lowered' }>['fields'][number];

// What audit entries carry beside their action, in plain words. An organisation's own rule may name anything that an entry
// holds; what has no words here is shown as a name in quotation marks.

const words = catalogue({
  en: {
    /** Of the value of a detail: "the roles", "the reason". */
    details: {
      factors: 'what they signed in with',
      factor: 'what they signed in with',
      roles: 'the roles',
      role: 'the role',
      permissions: 'the number of permissions',
      reason: 'the reason',
      device: 'the device',
      count: 'the number of lines shown',
      recipients: 'the number of recipients',
      method: 'the way of protection',
      class: 'the class',
      channel: 'the channel',
      format: 'the format',
      minutes: 'the number of minutes',
      days: 'the number of days',
      kind: 'the kind',
      decision: 'the decision',
    } as Readonly<Record<string, string>>,
    detail: (name: string) => `the entry’s “${name}”`,
    /** Of a sum: "adds up to 500 recipients or more". */
    sums: { count: 'lines shown', recipients: 'recipients' } as Readonly<Record<string, string>>,
    sum: (name: string) => `in “${name}”`,
    /** Of a value that a person, key or network was not seen with before. */
    values: {
      country: 'a country',
      network: 'a network',
      device: 'a device',
    } as Readonly<Record<string, string>>,
    value: (name: string) => `a value of “${name}”`,
    said: {
      true: 'yes',
      false: 'no',
      'recovery-code': 'a recovery code',
      'mailed-code': 'a code by mail',
      passkey: 'a passkey',
      passphrase: 'a passphrase',
      totp: 'an authenticator app',
      certificate: 'a certificate',
      oidc: 'single sign-on',
      saml: 'single sign-on',
      ordinary: 'ordinary',
      light: 'light PHI',
      high: 'high',
      off: 'off',
    } as Readonly<Record<string, string>>,
    /** Whole conditions that read better than their parts. */
    whole: {
      'ok is false': 'the verification found something',
      'ok is true': 'the verification found nothing',
    } as Readonly<Record<string, string>>,
    is: (detail: string, values: string) => `${detail} is ${values}`,
    atLeast: (detail: string, value: string) => `${detail} is ${value} or more`,
    includes: (detail: string, values: string) => `${values} is among ${detail}`,
    present: (detail: string) => `${detail} is given`,
    or: ' or ',
    lowered: {
      exclusive: 'protection by the chosen method alone is switched off',
      lowering: 'words in a subject may lower the protection',
      tlsHighestClass: 'TLS alone may carry a higher class',
      waivers: 'waivers hold for a higher class',
      wrongAnswers: 'more wrong answers are allowed',
      graceDays: 'there are more days of grace',
      newPeopleGraceDays: 'new people have more days of grace',
      enforced: 'fewer access rules are enforced',
      idleMinutes: 'sessions may lie idle longer',
      absoluteHours: 'sessions last longer',
      stepUpMinutes: 'a factor is asked for again later',
    } as Readonly<Record<string, string>>,
    weaker: {
      less: (name: string) => `“${name}” becomes less`,
      more: (name: string) => `“${name}” becomes more`,
      true: (name: string) => `“${name}” is switched on`,
      false: (name: string) => `“${name}” is switched off`,
      later: (name: string) => `“${name}” becomes less strict`,
    },
  },
});

const known = (those: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(those, name) ? those[name] : undefined;

const detail = (name: string): string => known(words.details, name) ?? words.detail(name);
const said = (value: string): string =>
  known(words.said, value) ?? readyRoleText[value]?.name ?? `“${value}”`;

/** One condition on an entry: "Administrator or IT administrator is among the roles". */
export function conditionWords(one: Condition): string {
  switch (one.op) {
    case 'is': {
      const whole =
        one.values.length === 1 ? known(words.whole, `${one.detail} is ${one.values[0]}`) : undefined;
      return whole ?? words.is(detail(one.detail), one.values.map(said).join(words.or));
    }
    case 'includes':
      return words.includes(detail(one.detail), one.values.map(said).join(words.or));
    case 'at-least':
      return words.atLeast(detail(one.detail), one.value.toLocaleString('en'));
    default:
      return words.present(detail(one.detail));
  }
}

/** What a sum counts: "recipients". */
export const sumWords = (name: string): string => known(words.sums, name) ?? words.sum(name);

/** What is new: "a country". */
export const newValueWords = (name: string): string => known(words.values, name) ?? words.value(name);

/** What makes a setting weaker: "sessions last longer". */
export const loweredWords = ({ name, weaker }: Lowered): string =>
  known(words.lowered, name) ?? words.weaker[weaker](name);
