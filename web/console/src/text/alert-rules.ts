import type { AlertRule, AlertRuleDefinition } from '../api-types.ts';
import { actionSentence } from './audit-actions.ts';
import { catalogue } from './catalogue.ts';

/** Names of the ready rules, by code. */
export const READY_NAMES: Readonly<Record<string, string>> = catalogue({
  en: {
    'sign-in.failures-account': 'Failed sign-ins to one account',
    'sign-in.failures-network': 'Failed sign-ins from one network',
    'sign-in.spraying': 'One network tries many accounts',
    'sign-in.impossible-travel': 'Sign-ins from two places that nobody travels between in that time',
    'sign-in.new-country': 'Sign-in from a country that is new for this person',
    'sign-in.new-device': 'Sign-in from a device that is new for this person',
    'sign-in.new-network': 'Sign-in from a network that is new for this person',
    'sign-in.recovery-code': 'Sign-in with a recovery code',
    'sign-in.account-recovered': 'An account was recovered, or the recovery kit of the root key was made',
    'sign-in.off-hours': 'Work at unusual hours',
    'data.bulk-reads': 'Far more messages opened than usual',
    'data.bulk-lists': 'Far more messages or recipients listed than usual',
    'data.bulk-exports': 'Many exports',
    'data.bulk-sends': 'Far more recipients written to than usual',
    'settings.policy-weakened': 'The protection policy was weakened',
    'settings.sign-in-weakened': 'Sign-in was made weaker',
    'settings.access-weakened': 'Access rules were made weaker',
    'settings.retention-shortened': 'Retention was shortened',
    'settings.new-administrator': 'A new administrator was added',
    'settings.administrator-assigned': 'An administrator’s role was given',
    'settings.wide-api-key': 'An API key with wide permissions was made',
    'settings.mass-key-changes': 'Many keys or certificates were changed',
    'settings.trust-anchor': 'A certificate authority was added to those that are trusted',
    'settings.watching-weakened': 'These rules, or who is told, were weakened or muted',
    'emergency.break-glass': 'Emergency access was taken',
    'audit.verification-failed': 'A verification of the audit log found something',
    'audit.audit-behind': 'The audit log does not move on',
    'audit.checkpoint-missing': 'Entries of the audit log have no signed checkpoint',
    'audit.witness-behind': 'The witness of the audit log cannot be reached, or refuses',
    'portal.code-guessing': 'Somebody guesses a recipient’s sign-in codes',
    'portal.code-guessing-wide': 'Many wrong sign-in codes in the portal',
    'portal.questions-locked': 'Security questions of several recipients were locked',
  } as Readonly<Record<string, string>>,
});

const words = catalogue({
  en: {
    per: {
      account: 'for one account',
      actor: 'by one person or API key',
      network: 'from one network',
      recipient: 'for one recipient',
      organisation: 'in the organisation',
    },
    distinct: { account: 'accounts', actor: 'actors', network: 'networks', recipient: 'recipients' },
    results: { done: 'done', refused: 'refused', failed: 'failed' },
    minutes: (count: number) => (count === 1 ? 'a minute' : `${count} minutes`),
    hours: (count: number) => (count === 1 ? 'an hour' : `${count} hours`),
    days: (count: number) => (count === 1 ? 'a day' : `${count} days`),
    seconds: (count: number) => `${count} seconds`,
    each: (what: string) => `Tells of each ${what}.`,
    count: (least: string, what: string, per: string, span: string) =>
      `Tells of ${least} entries of ${what} ${per} within ${span}.`,
    sum: (least: string, detail: string, what: string, per: string, span: string) =>
      `Tells when “${detail}” of ${what} adds up to ${least} or more ${per} within ${span}.`,
    different: (least: string, kind: string, what: string, per: string, span: string) =>
      `Tells of ${what} with ${least} or more different ${kind} ${per} within ${span}.`,
    firstSeen: (value: string, what: string, per: string, days: number) =>
      `Tells of ${what} with a ${value} that was not seen before ${per}${days > 0 ? `, after ${days} days of learning` : ''}.`,
    travel: (km: number, speed: number, what: string, per: string) =>
      `Tells of ${what} ${per} from two places at least ${km} km apart, faster than ${speed} km/h. Needs a database of places.`,
    baseline: (deviations: number, floor: string, what: string, per: string) =>
      `Tells when there is more of ${what} in a day ${per} than the mean of that weekday in the last four weeks and ${deviations} standard deviations, and more than ${floor}.`,
    offHours: (from: number, to: number, days: string, habit: number, what: string) =>
      `Tells of ${what} outside of ${from}:00 to ${to}:00 on ${days}, unless the person did so at about this hour on ${habit} of the last 28 days.`,
    lowered: (fields: string, what: string) =>
      `Tells of ${what} that makes something weaker than it was${fields === '' ? '' : ` (${fields})`}.`,
    signals: {
      'audit-behind': (span: string) => `Tells when entries wait for their place in the log for ${span}.`,
      'checkpoint-missing': (span: string) => `Tells when entries have no signed checkpoint for ${span}.`,
      'witness-behind': (span: string) => `Tells when no witness has taken a checkpoint for ${span}.`,
    },
    or: ' or ',
    only: (conditions: string) => `Only where ${conditions}.`,
    is: (detail: string, values: string) => `${detail} is ${values}`,
    atLeast: (detail: string, value: number) => `${detail} is ${value} or more`,
    includes: (detail: string, values: string) => `${detail} includes ${values}`,
    present: (detail: string) => `${detail} is given`,
    and: ' and ',
    weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
    to: (first: string, last: string) => `${first} to ${last}`,
  },
});

/** What people call a rule: its own name, or that of the ready one. */
export function ruleName(rule: Pick<AlertRule, 'id' | 'name'>): string {
  return rule.name ?? READY_NAMES[rule.id] ?? rule.id;
}

function span(seconds: number): string {
  if (seconds % 86_400 === 0) return words.days(seconds / 86_400);
  if (seconds % 3_600 === 0) return words.hours(seconds / 3_600);
  return seconds % 60 === 0 ? words.minutes(seconds / 60) : words.seconds(seconds);
}

const number = (value: number): string => value.toLocaleString('en');

function what({ match }: AlertRuleDefinition): string {
  const shown = match.actions
    .slice(0, 4)
    .map((one) => (one.endsWith('.') ? `${one}*` : (actionSentence(one) ?? one)));
  const more = match.actions.length > 4 ? ` (+${match.actions.length - 4})` : '';
  return `“${shown.join('”, “')}”${more}`;
}

function days(weekdays: readonly number[]): string {
  const sorted = [...weekdays].sort((a, b) => a - b);
  const name = (day: number | undefined) => words.weekdays[(day ?? 1) - 1] ?? '';
  const row = sorted.every((day, index) => index === 0 || day === (sorted[index - 1] ?? 0) + 1);
  return row && sorted.length > 1
    ? words.to(name(sorted[0]), name(sorted.at(-1)))
    : sorted.map(name).join(', ');
}

function conditions({ match }: AlertRuleDefinition): string {
  const said = match.details.map((one) => {
    switch (one.op) {
      case 'is':
        return words.is(one.detail, one.values.join(words.or));
      case 'includes':
        return words.includes(one.detail, one.values.join(words.or));
      case 'at-least':
        return words.atLeast(one.detail, one.value);
      default:
        return words.present(one.detail);
    }
  });
  const results = match.results.map((one) => words.results[one]).join(words.or);
  const all = [...(results === '' ? [] : [words.is('result', results)]), ...said];
  return all.length === 0 ? '' : ` ${words.only(all.join(words.and))}`;
}

/** What a rule looks for, as a sentence. */
export function ruleSentence(definition: AlertRuleDefinition): string {
  return main(definition) + conditions(definition);
}

function main(definition: AlertRuleDefinition): string {
  const { detector: one } = definition;
  const per = words.per[definition.by];
  const entries = what(definition);
  switch (one.kind) {
    case 'count': {
      const { measure, threshold, windowSeconds } = one;
      if (measure.of === 'entries' && threshold === 1) return words.each(entries);
      const within = span(windowSeconds);
      if (measure.of === 'entries') return words.count(number(threshold), entries, per, within);
      if (measure.of === 'sum') return words.sum(number(threshold), measure.detail, entries, per, within);
      return words.different(number(threshold), words.distinct[measure.what], entries, per, within);
    }
    case 'first-seen':
      return words.firstSeen(
        typeof one.value === 'string' ? one.value : one.value.detail,
        entries,
        per,
        one.learnDays,
      );
    case 'travel':
      return words.travel(one.leastKm, one.speedKmh, entries, per);
    case 'baseline':
      return words.baseline(one.deviations, number(one.floor), entries, per);
    case 'off-hours':
      return words.offHours(one.from, one.to, days(one.weekdays), one.habitDays, entries);
    case 'lowered':
      return words.lowered(one.fields.map(({ name }) => name).join(', '), entries);
    case 'signal':
      return words.signals[one.signal](span(one.afterSeconds));
  }
}
