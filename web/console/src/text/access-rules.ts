import type { AccessRule } from '../data/access-rules.ts';
import { catalogue } from './catalogue.ts';

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

export const accessRulesText = catalogue({
  en: {
    title: 'Access rules',
    lead: 'From where, with what and when your people may work. Permissions say what they may do; these rules say under which circumstances.',
    loading: 'The access rules are being loaded',
    none: 'No rules: everybody may work from everywhere',
    noneLead: 'Begin with a rule on trial. It changes nothing, and its effect can be tried on past sign-ins.',
    add: 'New rule',
    edit: 'Change',
    editLabel: (name: string) => `Change the rule ${name}`,
    remove: 'Remove',
    removeLabel: (name: string) => `Remove the rule ${name}`,
    order: 'A denial beats everything. A rule that allows lifts what others ask for, never what they deny.',
    lockedOut: (rule: string) =>
      `These rules would deny you yourself at this moment (${rule}). Save them only if somebody else can still get in.`,
    saveAnyway: 'Save all the same',
    tabs: { rules: 'Rules', devices: 'Devices', sessions: 'Time-outs' },
    effects: { allow: 'Allow', alert: 'Report', 'step-up': 'Ask for the second factor', deny: 'Deny' },
    modes: { enforce: 'In force', 'dry-run': 'On trial', off: 'Off' },
    editor: {
      newTitle: 'New rule',
      title: 'Change a rule',
      name: 'Name',
      nameHint: 'Whoever is asked or denied reads it.',
      effect: 'What happens',
      mode: 'State',
      modeHint: 'On trial a rule is judged and recorded, and changes nothing.',
      when: 'It holds when all of this is so',
      roles: 'One of these roles',
      rolesHint: 'Names separated by commas; empty: any role.',
      networks: 'Networks',
      networksHint: 'Addresses or ranges, one a line; empty: from anywhere.',
      networksExcept: 'From outside of these networks',
      countries: 'Countries',
      countriesHint:
        'Two letters each, such as US, CA; empty: any. Needs a file of places on the server; unknown addresses are in no country.',
      countriesExcept: 'From outside of these countries',
      device: 'Device',
      devices: { '': 'Any', new: 'Never seen before', 'not-trusted': 'Not trusted', trusted: 'Trusted' },
      posture: 'What your proxy reports of the device',
      postures: { '': 'Anything', compliant: 'Compliant', 'not-compliant': 'Not compliant, or nothing' },
      risk: 'Risk of the sign-in, at least',
      riskHint: '0 to 100; empty: any.',
      from: 'From (hour)',
      to: 'To (hour)',
      hoursExcept: 'Outside of these hours, and on Saturdays and Sundays',
      withoutPasskey: 'Signed in without a passkey',
      save: 'Save',
    },
    replay: {
      title: 'What would have happened',
      lead: 'These rules, those on trial as if in force, on the sign-ins of the last 30 days.',
      go: 'Try on past sign-ins',
      same: (count: number) => `Nothing would have changed in ${count} sign-ins.`,
      changed: (changed: number, count: number) =>
        `${changed} of ${count} sign-ins would have ended otherwise:`,
      decisions: { allow: 'allowed', 'step-up': 'asked for the second factor', deny: 'denied' },
      row: (was: string, wouldBe: string) => `was ${was}, would be ${wouldBe}`,
      unknown: 'Somebody who is no longer here',
    },
    devices: {
      lead: 'Browsers that your people have signed in with. Each is known by a key that it cannot give away.',
      loading: 'The devices are being loaded',
      none: 'No device yet',
      unnamed: 'Unknown browser',
      seen: 'Last seen',
      trusted: 'Trusted',
      trust: 'Trust',
      distrust: 'Trust no longer',
      forget: 'Forget',
      label: (act: string, device: string, person: string) => `${act}: ${device} of ${person}`,
    },
    sessions: {
      lead: 'After which time people are signed out. Of several roles with time-outs of their own the shortest holds.',
      loading: 'The time-outs are being loaded',
      idle: 'Without use (minutes)',
      absolute: 'In any case (hours)',
      adminIdle: 'Administrators, without use (minutes)',
      adminAbsolute: 'Administrators, in any case (hours)',
      stepUp: 'A proven second factor counts for (minutes)',
      limit: 'Sessions at once per person',
      limitHint: 'Empty: any number. The oldest end first.',
      save: 'Save',
      saved: 'Saved.',
    },
  },
});

const words = accessRulesText;

/** A rule's conditions in words. */
export function ruleSentence({ when }: AccessRule): string {
  const said: string[] = [];
  if (when.roles) said.push(`for ${when.roles.join(', ')}`);
  if (when.groups) said.push(`for members of ${when.groups.length} groups`);
  if (when.permissions) said.push(`for requests that need ${when.permissions.join(', ')}`);
  if (when.networks)
    said.push(`${when.networks.except ? 'from outside of' : 'from'} ${when.networks.list.join(', ')}`);
  if (when.countries)
    said.push(`${when.countries.except ? 'from outside of' : 'from'} ${when.countries.list.join(', ')}`);
  if (when.device) said.push(`with a device: ${words.editor.devices[when.device].toLowerCase()}`);
  if (when.posture) said.push(`device reported: ${words.editor.postures[when.posture].toLowerCase()}`);
  if (when.hours) {
    const span = `${clock(when.hours.from)} to ${clock(when.hours.to)}`;
    said.push(when.hours.except ? `outside of ${span} on working days` : `from ${span}`);
  }
  if (when.riskAtLeast) said.push(`at a risk of ${when.riskAtLeast} or more`);
  if (when.factors)
    said.push(`signed in ${when.factors.except ? 'without' : 'with'} ${when.factors.list.join(', ')}`);
  return said.length === 0 ? 'always' : said.join('; ');
}
