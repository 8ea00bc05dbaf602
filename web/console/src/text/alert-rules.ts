import type { AlertRule, AlertRuleDefinition } from '../api-types.ts';
import { actionSentence } from './audit-actions.ts';
import { catalogue } from './catalogue.ts';
import { conditionWords, loweredWords, newValueWords, sumWords } from './rule-details.ts';

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
    results: { done: 'were done', refused: 'were refused', failed: 'failed' },
    channels: {
      api: 'by the API',
      console: 'in the console',
      portal: 'in the portal',
      smtp: 'by SMTP',
      cli: 'by the command line',
      worker: 'by the system itself',
    },
    /** Of actions below a dot: all that begins so. */
    areas: {
      'session.': 'anything about sign-ins and sessions',
      'portal.': 'anything in the recipients’ portal',
      'message.': 'anything done with a message',
      'messages.': 'any look at messages',
      'recipient-key.': 'anything about recipients’ keys',
      'organisation-key.': 'anything about the organisation’s keys',
      'api-key.': 'anything about API keys',
      'audit.': 'anything done with the audit log',
      'policy.': 'anything about the protection policy',
      'member.': 'anything about who belongs here',
      'role.': 'anything about roles',
      'break-glass.': 'anything about emergency access',
      'sso.': 'anything about single sign-on',
      'account.': 'anything about people’s own accounts',
    } as Readonly<Record<string, string>>,
    area: (prefix: string) => `anything whose code begins with “${prefix}”`,
    code: (action: string) => `an entry with the code “${action}”`,
    more: (count: number) => (count === 1 ? 'one further act' : `${count} further acts`),
    minutes: (count: number) => (count === 1 ? 'a minute' : `${count} minutes`),
    hours: (count: number) => (count === 1 ? 'an hour' : `${count} hours`),
    days: (count: number) => (count === 1 ? 'a day' : `${count} days`),
    seconds: (count: number) => `${count} seconds`,
    each: (what: string) => `Tells each time of ${what}.`,
    count: (least: string, what: string, per: string, span: string) =>
      `Tells when there is ${what} ${least} times ${per} within ${span}.`,
    sum: (least: string, of: string, what: string, per: string, span: string) =>
      `Tells when ${what} adds up to ${least} or more ${of} ${per} within ${span}.`,
    different: (least: string, kind: string, what: string, per: string, span: string) =>
      `Tells when there is ${what} with ${least} or more different ${kind} ${per} within ${span}.`,
    firstSeen: (value: string, what: string, per: string, days: number) =>
      `Tells of ${what} with ${value} that was not seen before ${per}${days > 0 ? `, after ${days} days of learning` : ''}.`,
    travel: (km: number, speed: number, what: string, per: string) =>
      `Tells of ${what} ${per} from two places at least ${km} km apart, faster than ${speed} km/h. Needs a file of places.`,
    baseline: (deviations: number, floor: string, of: string, what: string, per: string) =>
      `Tells when a day has far more ${of}${what} ${per} than that weekday had in the last four weeks: more than its mean and ${deviations} standard deviations, and more than ${floor}.`,
    times: 'of ',
    sumOf: (of: string) => `${of} by `,
    offHours: (from: number, to: number, days: string, habit: number, what: string) =>
      `Tells of ${what} outside of ${from}:00 to ${to}:00 on ${days}, unless the person did so at about this hour on ${habit} of the last 28 days.`,
    lowered: (what: string) => `Tells of ${what} where it makes something weaker than it was.`,
    loweredFields: (fields: string, what: string) => `Tells of ${what} where ${fields}.`,
    signals: {
      'audit-behind': (span: string) => `Tells when entries wait for their place in the log for ${span}.`,
      'checkpoint-missing': (span: string) => `Tells when entries have no signed checkpoint for ${span}.`,
      'witness-behind': (span: string) => `Tells when no witness has taken a checkpoint for ${span}.`,
    },
    or: ' or ',
    only: (conditions: string) => `Only where ${conditions}.`,
    onlyResults: (results: string) => `such acts ${results}`,
    onlyChannels: (channels: string) => `it was ${channels}`,
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

/** How many acts are named before the others are only counted. */
const MOST_NAMED = 6;

function actWords(action: string): string {
  if (action.endsWith('.'))
    return (Object.hasOwn(words.areas, action) ? words.areas[action] : undefined) ?? words.area(action);
  const sentence = actionSentence(action);
  return sentence === undefined ? words.code(action) : `“${sentence}”`;
}

function what({ match }: AlertRuleDefinition): string {
  const most = match.actions.length > MOST_NAMED ? MOST_NAMED - 1 : MOST_NAMED;
  const named = match.actions.slice(0, most).map(actWords);
  const left = match.actions.length - named.length;
  const all = left === 0 ? named : [...named, words.more(left)];
  const last = all.at(-1) ?? '';
  return all.length < 2 ? last : `${all.slice(0, -1).join(', ')}${words.or}${last}`;
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
  const results = match.results.map((one) => words.results[one]).join(words.or);
  const channels = match.channels.map((one) => words.channels[one]).join(words.or);
  const all = [
    ...(results === '' ? [] : [words.onlyResults(results)]),
    ...(channels === '' ? [] : [words.onlyChannels(channels)]),
    ...match.details.map(conditionWords),
  ];
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
      if (measure.of === 'sum')
        return words.sum(number(threshold), sumWords(measure.detail), entries, per, within);
      return words.different(number(threshold), words.distinct[measure.what], entries, per, within);
    }
    case 'first-seen':
      return words.firstSeen(
        newValueWords(typeof one.value === 'string' ? one.value : one.value.detail),
        entries,
        per,
        one.learnDays,
      );
    case 'travel':
      return words.travel(one.leastKm, one.speedKmh, entries, per);
    case 'baseline':
      return words.baseline(
        one.deviations,
        number(one.floor),
        one.measure.of === 'sum' ? words.sumOf(sumWords(one.measure.detail)) : words.times,
        entries,
        per,
      );
    case 'off-hours':
      return words.offHours(one.from, one.to, days(one.weekdays), one.habitDays, entries);
    case 'lowered':
      return one.fields.length === 0
        ? words.lowered(entries)
        : words.loweredFields(one.fields.map(loweredWords).join(words.or), entries);
    case 'signal':
      return words.signals[one.signal](span(one.afterSeconds));
  }
}
