import {
  BadgeCheck,
  BellRing,
  Building2,
  ClipboardCheck,
  Contact,
  FileKey,
  FileLock2,
  FileSignature,
  Fingerprint,
  Gauge,
  HeartHandshake,
  HeartPulse,
  Inbox,
  KeyRound,
  LayoutDashboard,
  LockKeyhole,
  LogIn,
  type LucideIcon,
  Mail,
  MailOpen,
  MessageSquareText,
  MonitorSmartphone,
  RefreshCw,
  ScrollText,
  Server,
  ShieldCheck,
  ShieldQuestion,
  Siren,
  UserCog,
  Users,
  UsersRound,
  Waypoints,
} from 'lucide-react';
import type { Mode, Session } from '../api-types.ts';
import { shell } from '../text/shell.ts';
import { ssoText } from '../text/single-sign-on.ts';

/** The parts of the navigation, in their order; the daily work stands first, without a heading. */
export const GROUPS = ['work', 'protection', 'recipients', 'people', 'organisation', 'you'] as const;
type Group = (typeof GROUPS)[number];

export interface Destination {
  readonly to:
    | '/'
    | '/messages'
    | '/sandbox'
    | '/audit'
    | '/analyser'
    | '/getting-secure'
    | '/incidents'
    | '/alert-rules'
    | '/settings/policy'
    | '/settings/keys'
    | '/settings/pdf-passwords'
    | '/settings/waivers'
    | '/settings/recipients'
    | '/settings/texts'
    | '/settings/inbound'
    | '/settings/provisioning'
    | '/settings/caregivers'
    | '/settings/care'
    | '/settings/api-keys'
    | '/settings/emergency-access'
    | '/settings/access-reviews'
    | '/settings/second-person'
    | '/settings/certificates'
    | '/settings/organisation'
    | '/settings/people'
    | '/settings/access-rules'
    | '/settings/roles'
    | '/settings/account'
    | '/settings/sign-in'
    | '/settings/single-sign-on'
    | '/settings/sessions'
    | '/settings/installation';
  readonly label: string;
  readonly icon: LucideIcon;
  readonly group: Group;
  /** Any one of them will do. */
  readonly permission?: string | readonly string[];
  /** Needed beside it. */
  readonly also?: string;
  /** Also for those who hold it for single things only. */
  readonly scoped?: true;
  readonly only?: Mode;
}

const DESTINATIONS: readonly Destination[] = [
  { to: '/', label: shell.overview, icon: LayoutDashboard, group: 'work' },
  {
    to: '/messages',
    label: shell.messages,
    icon: Mail,
    group: 'work',
    permission: 'messages:read',
    scoped: true,
  },
  {
    to: '/sandbox',
    label: shell.sandbox,
    icon: Inbox,
    group: 'work',
    permission: 'sandbox:read',
    only: 'sandbox',
  },
  { to: '/audit', label: shell.audit, icon: ScrollText, group: 'work', permission: 'audit:read' },
  { to: '/incidents', label: shell.incidents, icon: Siren, group: 'work', permission: 'incidents:read' },
  { to: '/analyser', label: shell.analyser, icon: Waypoints, group: 'work', permission: 'messages:read' },
  {
    to: '/settings/policy',
    label: shell.policy,
    icon: ShieldCheck,
    group: 'protection',
    permission: 'policies:read',
  },
  {
    to: '/settings/keys',
    label: shell.keys,
    icon: FileKey,
    group: 'protection',
    permission: 'recipient-keys:read',
  },
  {
    to: '/settings/certificates',
    label: shell.certificates,
    icon: BadgeCheck,
    group: 'protection',
    permission: 'certificates:read',
  },
  {
    to: '/settings/pdf-passwords',
    label: shell.pdfPasswords,
    icon: FileLock2,
    group: 'protection',
    permission: 'policies:read',
  },
  {
    to: '/settings/waivers',
    label: shell.waivers,
    icon: FileSignature,
    group: 'protection',
    permission: 'policies:read',
  },
  {
    to: '/settings/recipients',
    label: shell.recipients,
    icon: Contact,
    group: 'recipients',
    permission: 'recipients:read',
  },
  {
    to: '/settings/caregivers',
    label: shell.caregivers,
    icon: HeartHandshake,
    group: 'recipients',
    permission: 'policies:read',
  },
  {
    to: '/settings/texts',
    label: shell.texts,
    icon: MessageSquareText,
    group: 'recipients',
    permission: 'organisation:read',
  },
  { to: '/settings/people', label: shell.people, icon: Users, group: 'people', permission: 'members:read' },
  { to: '/settings/roles', label: shell.roles, icon: UserCog, group: 'people', permission: 'roles:read' },
  {
    to: '/settings/care',
    label: shell.care,
    icon: HeartPulse,
    group: 'people',
    permission: 'roles:read',
    also: 'recipients:read',
  },
  {
    to: '/settings/access-rules',
    label: shell.accessRules,
    icon: ShieldQuestion,
    group: 'people',
    permission: 'access-rules:read',
  },
  {
    to: '/settings/sign-in',
    label: shell.signInRules,
    icon: LockKeyhole,
    group: 'people',
    permission: 'sign-in:read',
  },
  {
    to: '/settings/single-sign-on',
    label: ssoText.title,
    icon: LogIn,
    group: 'people',
    permission: 'sign-in:read',
  },
  {
    to: '/settings/provisioning',
    label: shell.provisioning,
    icon: RefreshCw,
    group: 'people',
    permission: 'sign-in:read',
  },
  {
    to: '/settings/api-keys',
    label: shell.apiKeys,
    icon: KeyRound,
    group: 'people',
    permission: 'api-keys:read',
  },
  {
    to: '/settings/emergency-access',
    label: shell.emergency,
    icon: Siren,
    group: 'people',
    permission: ['break-glass:use', 'break-glass:review'],
  },
  {
    to: '/settings/access-reviews',
    label: shell.accessReviews,
    icon: ClipboardCheck,
    group: 'people',
    permission: 'access-reviews:read',
  },
  {
    to: '/settings/second-person',
    label: shell.secondPerson,
    icon: UsersRound,
    group: 'people',
    // Whoever may propose one of these acts finds it here, and whoever may approve it.
    permission: [
      ...['organisation:write', 'roles:write', 'members:write', 'sign-in:write', 'access-rules:write'],
      ...['policies:write', 'keys:rotate', 'audit:settings', 'recipient-keys:write', 'certificates:write'],
    ],
  },
  {
    to: '/getting-secure',
    label: shell.gettingSecure,
    icon: Gauge,
    group: 'organisation',
    permission: 'alerts:read',
  },
  {
    to: '/alert-rules',
    label: shell.alertRules,
    icon: BellRing,
    group: 'organisation',
    permission: 'alerts:read',
  },
  {
    to: '/settings/organisation',
    label: shell.organisation,
    icon: Building2,
    group: 'organisation',
    permission: 'organisation:read',
  },
  {
    to: '/settings/inbound',
    label: shell.inbound,
    icon: MailOpen,
    group: 'organisation',
    permission: 'organisation:read',
  },
  {
    to: '/settings/installation',
    label: shell.installation,
    icon: Server,
    group: 'organisation',
    permission: 'organisation:read',
  },
  { to: '/settings/account', label: shell.yourSignIn, icon: Fingerprint, group: 'you' },
  { to: '/settings/sessions', label: shell.sessions, icon: MonitorSmartphone, group: 'you' },
];

type Reader = Pick<Session, 'permissions' | 'scoped' | 'mode'>;

function mayUse({ permissions, scoped }: Reader, one: Destination): boolean {
  const held: readonly string[] = one.scoped ? [...permissions, ...scoped] : permissions;
  const wanted = one.permission === undefined ? null : [one.permission].flat();
  return (
    (wanted === null || wanted.some((permission) => held.includes(permission))) &&
    (one.also === undefined || held.includes(one.also))
  );
}

/** The pages this person can use in this mode. */
export function destinationsFor(reader: Reader): readonly Destination[] {
  return DESTINATIONS.filter(
    (one) => mayUse(reader, one) && (one.only === undefined || one.only === reader.mode),
  );
}

/** Pages that stand in no list, and whose rights they go by; one mailbox is enough to write from. */
const ELSEWHERE = [
  { to: '/alert-channels', permission: 'alerts:read', scoped: false },
  { to: '/compose', permission: 'messages:send', scoped: true },
] as const;

export interface Missing {
  readonly permissions: readonly string[];
  /** Whether any one of them would do. */
  readonly any: boolean;
}

/**
 * What a page needs that this person does not hold; null where they may see it or it is nobody's business. The server
 * decides in any case: this explains, instead of asking it for what it will refuse and put on record.
 */
export function missingFor(reader: Reader, path: string): Missing | null {
  const under = (to: string) => path === to || path.startsWith(`${to}/`);
  const held: readonly string[] = reader.permissions;
  const other = ELSEWHERE.find(({ to }) => under(to));
  if (other !== undefined) {
    const enough = other.scoped ? [...held, ...reader.scoped] : held;
    return enough.includes(other.permission) ? null : { permissions: [other.permission], any: false };
  }
  const page = DESTINATIONS.find(({ to }) => to !== '/' && under(to));
  if (page === undefined || mayUse(reader, page)) return null;
  const wanted = [page.permission ?? []].flat();
  if (page.also === undefined) return { permissions: wanted, any: wanted.length > 1 };
  return { permissions: [...wanted, page.also].filter((one) => !held.includes(one)), any: false };
}
