import type { IdKind } from './tenants.ts';

/** What the id in a route's path is the id of, by the beginning of the path; the longest that fits counts. */
const KINDS: Readonly<Record<string, IdKind>> = {
  '/v1/members/:id': 'member',
  '/v1/account/factors/:id': 'factor',
  '/v1/devices/:id': 'device',
  '/v1/sessions/:id': 'session',
  '/v1/api-keys/:id': 'api key',
  '/v1/service-accounts/:id': 'service account',
  '/v1/oauth-clients/:id': 'oauth client',
  '/v1/break-glass/:id': 'emergency access',
  '/v1/access-reviews/:id': 'access review',
  '/v1/access-review-items/:id': 'access review item',
  '/v1/pending-acts/:id': 'pending act',
  '/v1/openpgp-keys/:id': 'openpgp key',
  '/v1/openpgp-key/:id': 'own openpgp key',
  '/v1/roles/:id': 'role',
  '/v1/groups/:id': 'group',
  '/v1/role-assignments/:id': 'role assignment',
  '/v1/organisations/:id': 'organisation',
  '/v1/organisation/domains/:id': 'domain',
  '/v1/care-relationships/:id': 'care relationship',
  '/v1/messages/:id': 'message',
  '/v1/messages/:id/cancel': 'waiting message',
  '/v1/deliveries/:id': 'delivery',
  '/v1/policy/drafts/:id': 'policy draft',
  '/v1/policy/replays/:id': 'policy replay',
  '/v1/policy/proposals/:id': 'policy proposal',
  '/v1/certificates/:id': 'certificate',
  '/v1/trust-anchors/:id': 'trust anchor',
  '/v1/certificate-directories/:id': 'certificate directory',
  '/v1/pdf-passwords/:id': 'pdf password',
  '/v1/waivers/:id': 'waiver',
  '/v1/recipients/:id': 'recipient',
  '/v1/sso-connections/:id': 'single sign-on connection',
  '/sso/:id': 'single sign-on connection',
  '/v1/caregivers/:id': 'caregiver',
  '/v1/audit/:id': 'audit entry',
  '/v1/audit-reviews/:id': 'audit review',
  '/v1/audit-evidence/:id': 'audit evidence',
  '/v1/audit-filters/:id': 'audit filter',
  '/v1/incidents/:id': 'incident',
  '/v1/alert-rules/:id': 'alert rule',
  '/v1/alert-rules/try/:id': 'alert rule try',
  '/v1/alert-channels/:id': 'alert channel',
  '/v1/provisioning/mappings/:id': 'directory group',
  '/v1/provisioning/connections/:id': 'directory connection',
  '/v1/provisioning/runs/:id': 'directory run',
  '/scim/v2/Users/:id': 'directory person',
  '/scim/v2/Groups/:id': 'directory group',
  '/portal/:id': 'patient portal',
  '/messages/:id': 'portal item',
};

/** Null where the furnished organisations have nothing of the kind. */
export function kindOf(path: string): IdKind | null {
  const plain = path.split('?', 1)[0] ?? path;
  const fitting = Object.keys(KINDS).filter((start) => plain === start || plain.startsWith(`${start}/`));
  const [longest] = fitting.sort((a, b) => b.length - a.length);
  return longest === undefined ? null : (KINDS[longest] ?? null);
}

/** All ids, that of the route's own kind first: a reduced walk always tries the first one. */
export function idsFor(path: string, ids: Readonly<Record<IdKind, string>>): string[] {
  const kind = kindOf(path);
  const all = Object.values(ids);
  return kind === null ? all : [ids[kind], ...all.filter((id) => id !== ids[kind])];
}
