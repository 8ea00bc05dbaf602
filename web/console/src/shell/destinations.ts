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
  readonly group: 'work' | 'settings';
  readonly permission?: string | readonly string[];
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
    to: '/getting-secure',
    label: shell.gettingSecure,
    icon: Gauge,
    group: 'settings',
    permission: 'alerts:read',
  },
  {
    to: '/alert-rules',
    label: shell.alertRules,
    icon: BellRing,
    group: 'settings',
    permission: 'alerts:read',
  },
  {
    to: '/settings/policy',
    label: shell.policy,
    icon: ShieldCheck,
    group: 'settings',
    permission: 'policies:read',
  },
  {
    to: '/settings/keys',
    label: shell.keys,
    icon: FileKey,
    group: 'settings',
    permission: 'recipient-keys:read',
  },
  {
    to: '/settings/pdf-passwords',
    label: shell.pdfPasswords,
    icon: FileLock2,
    group: 'settings',
    permission: 'policies:read',
  },
  {
    to: '/settings/waivers',
    label: shell.waivers,
    icon: FileSignature,
    group: 'settings',
    permission: 'policies:read',
  },
  {
    to: '/settings/recipients',
    label: shell.recipients,
    icon: Contact,
    group: 'settings',
    permission: 'recipients:read',
  },
  {
    to: '/settings/texts',
    label: shell.texts,
    icon: MessageSquareText,
    group: 'settings',
    permission: 'recipients:read',
  },
  {
    to: '/settings/inbound',
    label: shell.inbound,
    icon: MailOpen,
    group: 'settings',
    permission: 'organisation:read',
  },
  {
    to: '/settings/provisioning',
    label: shell.provisioning,
    icon: RefreshCw,
    group: 'settings',
    permission: 'sign-in:read',
  },
  {
    to: '/settings/caregivers',
    label: shell.caregivers,
    icon: HeartHandshake,
    group: 'settings',
    permission: 'policies:read',
  },
  {
    to: '/settings/api-keys',
    label: shell.apiKeys,
    icon: KeyRound,
    group: 'settings',
    permission: 'api-keys:read',
  },
  {
    to: '/settings/emergency-access',
    label: shell.emergency,
    icon: Siren,
    group: 'settings',
    permission: ['break-glass:use', 'break-glass:review'],
  },
  {
    to: '/settings/access-reviews',
    label: shell.accessReviews,
    icon: ClipboardCheck,
    group: 'settings',
    permission: 'access-reviews:read',
  },
  {
    to: '/settings/second-person',
    label: shell.secondPerson,
    icon: UsersRound,
    group: 'settings',
    permission: 'organisation:write',
  },
  {
    to: '/settings/certificates',
    label: shell.certificates,
    icon: BadgeCheck,
    group: 'settings',
    permission: 'certificates:read',
  },
  {
    to: '/settings/organisation',
    label: shell.organisation,
    icon: Building2,
    group: 'settings',
    permission: 'organisation:read',
  },
  { to: '/settings/people', label: shell.people, icon: Users, group: 'settings', permission: 'members:read' },
  {
    to: '/settings/access-rules',
    label: shell.accessRules,
    icon: ShieldQuestion,
    group: 'settings',
    permission: 'access-rules:read',
  },
  { to: '/settings/roles', label: shell.roles, icon: UserCog, group: 'settings', permission: 'roles:read' },
  {
    to: '/settings/sign-in',
    label: shell.signInRules,
    icon: LockKeyhole,
    group: 'settings',
    permission: 'sign-in:read',
  },
  { to: '/settings/account', label: shell.yourSignIn, icon: Fingerprint, group: 'settings' },
  {
    to: '/settings/single-sign-on',
    label: ssoText.title,
    icon: LogIn,
    group: 'settings',
    permission: 'sign-in:read',
  },
  { to: '/settings/sessions', label: shell.sessions, icon: MonitorSmartphone, group: 'settings' },
  {
    to: '/settings/installation',
    label: shell.installation,
    icon: Server,
    group: 'settings',
    permission: 'organisation:read',
  },
];

/** The pages this person can use in this mode. */
export function destinationsFor({
  permissions,
  scoped,
  mode,
}: Pick<Session, 'permissions' | 'scoped' | 'mode'>): readonly Destination[] {
  const holds = (permission: string, also: readonly string[]) =>
    [...permissions, ...also].some((one) => one === permission);
  return DESTINATIONS.filter(
    (one) =>
      (one.permission === undefined ||
        [one.permission].flat().some((permission) => holds(permission, one.scoped ? scoped : []))) &&
      (one.only === undefined || one.only === mode),
  );
}
