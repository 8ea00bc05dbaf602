import type { Definition, Detector, GroupBy, Match, Severity } from './rule.ts';

/** A rule that every organisation has from the beginning. Its code names it; an organisation may change all but that. */
export interface ReadyRule {
  readonly code: string;
  readonly severity: Severity;
  readonly on: boolean;
  readonly definition: Definition;
}

const MINUTE = 60;
const HOUR = 3600;

function ready(
  code: string,
  severity: Severity,
  by: GroupBy,
  match: Partial<Match> & Pick<Match, 'actions'>,
  detector: Detector,
  on = true,
): ReadyRule {
  const { actions, results = [], channels = [], details = [] } = match;
  return { code, severity, on, definition: { match: { actions, results, channels, details }, by, detector } };
}

const many = (threshold: number, windowSeconds: number): Detector => ({
  kind: 'count',
  measure: { of: 'entries' },
  threshold,
  windowSeconds,
});
const each = many(1, HOUR);
const distinct = (
  what: 'account' | 'network' | 'recipient',
  threshold: number,
  windowSeconds: number,
): Detector => ({
  kind: 'count',
  measure: { of: 'distinct', what },
  threshold,
  windowSeconds,
});
const signal = (
  name: 'audit-behind' | 'checkpoint-missing' | 'witness-behind',
  afterSeconds: number,
): ReadyRule => ({
  code: `audit.${name}`,
  severity: 'high',
  on: true,
  definition: {
    match: { actions: [], results: [], channels: [], details: [] },
    by: 'organisation',
    detector: { kind: 'signal', signal: name, afterSeconds },
  },
});

const READS = [
  'message.content-read',
  'message.attachment-read',
  'message.inspected',
  'audit.reference-resolved',
];
const LISTS = ['messages.listed', 'messages.searched', 'recipients.listed'];
const KEYS = [
  // What staff do; what is learned of keys from mail and directories is no change by anybody.
  ...['confirmed', 'rejected', 'trusted', 'revoked', 'removed'].map((act) => `recipient-key.${act}`),
  ...['made', 'rotated', 'revoked'].map((act) => `organisation-key.${act}`),
  ...['certificate.added', 'certificate.removed'],
  ...[
    'signing-certificate.imported',
    'signing-certificate.retired',
    'pdf-password.set',
    'pdf-password.removed',
  ],
];
const CLASSES = ['off', 'ordinary', 'light', 'high'];

const signIn: readonly ReadyRule[] = [
  ready(
    'sign-in.failures-account',
    'medium',
    'account',
    { actions: ['session.refused'] },
    many(5, 15 * MINUTE),
  ),
  ready(
    'sign-in.failures-network',
    'medium',
    'network',
    { actions: ['session.refused'] },
    many(20, 10 * MINUTE),
  ),
  ready(
    'sign-in.spraying',
    'high',
    'network',
    { actions: ['session.refused'] },
    distinct('account', 5, 30 * MINUTE),
  ),
  ready(
    'sign-in.impossible-travel',
    'high',
    'account',
    { actions: ['session.started'] },
    { kind: 'travel', speedKmh: 900, leastKm: 500 },
  ),
  ready(
    'sign-in.new-country',
    'medium',
    'account',
    { actions: ['session.started'] },
    { kind: 'first-seen', value: 'country', learnDays: 0 },
  ),
  ready(
    'sign-in.new-device',
    'low',
    'account',
    // A session that single sign-on begins has its device only when it is bound to the browser's key.
    { actions: ['session.started', 'session.bound'] },
    { kind: 'first-seen', value: { detail: 'device' }, learnDays: 0 },
  ),
  ready(
    'sign-in.new-network',
    'low',
    'account',
    { actions: ['session.started'] },
    { kind: 'first-seen', value: 'network', learnDays: 14 },
    false,
  ),
  ready(
    'sign-in.recovery-code',
    'medium',
    'account',
    {
      actions: ['session.started'],
      details: [{ detail: 'factors', op: 'includes', values: ['recovery-code'] }],
    },
    each,
  ),
  ready(
    'sign-in.account-recovered',
    'medium',
    'account',
    {
      actions: ['account.recovery-started', 'account.recovery-finished', 'recovery-kit.issued'],
    },
    each,
  ),
  ready(
    'sign-in.off-hours',
    'low',
    'account',
    { actions: ['session.started', ...READS], channels: ['console'] },
    { kind: 'off-hours', from: 6, to: 20, weekdays: [1, 2, 3, 4, 5], habitDays: 3 },
  ),
];

const data: readonly ReadyRule[] = [
  ready(
    'data.bulk-reads',
    'high',
    'actor',
    { actions: READS, results: ['done'] },
    { kind: 'baseline', measure: { of: 'entries' }, deviations: 3, floor: 60 },
  ),
  ready(
    'data.bulk-lists',
    'medium',
    'actor',
    { actions: LISTS, results: ['done'] },
    { kind: 'baseline', measure: { of: 'sum', detail: 'count' }, deviations: 3, floor: 2_000 },
  ),
  ready(
    'data.bulk-exports',
    'high',
    'actor',
    { actions: ['audit.exported', 'proof.exported'] },
    many(5, HOUR),
  ),
  ready(
    'data.bulk-sends',
    'medium',
    'actor',
    { actions: ['message.accepted'] },
    { kind: 'baseline', measure: { of: 'sum', detail: 'recipients' }, deviations: 3, floor: 500 },
  ),
];

const settings: readonly ReadyRule[] = [
  ready(
    'settings.policy-weakened',
    'high',
    'organisation',
    { actions: ['policy.changed'] },
    {
      kind: 'lowered',
      fields: [
        { name: 'exclusive', weaker: 'false' },
        { name: 'lowering', weaker: 'true' },
        { name: 'tlsHighestClass', weaker: 'later', order: ['ordinary', 'light', 'high'] },
        { name: 'waivers', weaker: 'later', order: CLASSES },
      ],
    },
  ),
  ready(
    'settings.sign-in-weakened',
    'high',
    'organisation',
    {
      actions: [
        'organisation.portal-sign-in-changed',
        'organisation.portal-delegation-set',
        'organisation.portal-delegation-removed',
        'sign-in-policy.changed',
      ],
    },
    {
      kind: 'lowered',
      fields: [
        { name: 'wrongAnswers', weaker: 'more' },
        { name: 'graceDays', weaker: 'more' },
        { name: 'newPeopleGraceDays', weaker: 'more' },
      ],
    },
  ),
  ready(
    'settings.access-weakened',
    'high',
    'organisation',
    {
      actions: [
        'access-rules.changed',
        'session-settings.changed',
        'four-eyes.changed',
        'policy-setting.changed',
      ],
    },
    {
      kind: 'lowered',
      fields: [
        { name: 'enforced', weaker: 'less' },
        { name: 'idleMinutes', weaker: 'more' },
        { name: 'absoluteHours', weaker: 'more' },
        { name: 'stepUpMinutes', weaker: 'more' },
      ],
    },
  ),
  ready(
    'settings.retention-shortened',
    'high',
    'organisation',
    { actions: ['audit.retention-lowered'] },
    each,
  ),
  ready(
    'settings.new-administrator',
    'medium',
    'organisation',
    {
      actions: ['member.added', 'member.roles-changed', 'sso.roles-synced'],
      details: [{ detail: 'roles', op: 'includes', values: ['administrator', 'it-administrator'] }],
    },
    each,
  ),
  ready(
    'settings.administrator-assigned',
    'medium',
    'organisation',
    {
      actions: ['role.assigned'],
      details: [{ detail: 'role', op: 'is', values: ['administrator', 'it-administrator'] }],
    },
    each,
  ),
  ready(
    'settings.wide-api-key',
    'medium',
    'organisation',
    { actions: ['api-key.created'], details: [{ detail: 'permissions', op: 'at-least', value: 8 }] },
    each,
  ),
  ready('settings.mass-key-changes', 'medium', 'actor', { actions: KEYS }, many(20, HOUR)),
  ready('settings.trust-anchor', 'medium', 'organisation', { actions: ['trust-anchor.added'] }, each),
  ready(
    'settings.watching-weakened',
    'medium',
    'organisation',
    {
      actions: [
        'alert-rule.changed',
        'alert-channel.changed',
        'alert-channel.removed',
        'alert-settings.changed',
      ],
    },
    { kind: 'lowered', fields: [] },
  ),
];

const emergencies: readonly ReadyRule[] = [
  ready('emergency.break-glass', 'high', 'actor', { actions: ['break-glass.started'] }, each),
  ready(
    'audit.verification-failed',
    'critical',
    'organisation',
    {
      actions: ['audit.verified', 'audit.verification-failed'],
      details: [{ detail: 'ok', op: 'is', values: ['false'] }],
    },
    each,
  ),
  signal('audit-behind', 60),
  signal('checkpoint-missing', 120),
  signal('witness-behind', 600),
];

const portal: readonly ReadyRule[] = [
  ready(
    'portal.code-guessing',
    'medium',
    'recipient',
    { actions: ['portal.code-refused'] },
    many(5, 15 * MINUTE),
  ),
  ready(
    'portal.code-guessing-wide',
    'high',
    'organisation',
    { actions: ['portal.code-refused', 'portal.passkey-refused'] },
    many(50, HOUR),
  ),
  ready(
    'portal.questions-locked',
    'medium',
    'organisation',
    { actions: ['portal.locked'] },
    distinct('recipient', 3, HOUR),
  ),
];

export const READY_RULES: readonly ReadyRule[] = [...signIn, ...data, ...settings, ...emergencies, ...portal];

export const readyRule = (code: string): ReadyRule | undefined =>
  READY_RULES.find((one) => one.code === code);
