import { encodeCursor } from '#platform/http';
import { idsFor } from './isolation-kinds.ts';
import type { Tenant } from './tenants.ts';
import type { WebRequest } from './web-client.ts';

/** One try: what is asked, and what may come of it. */
export interface Try extends WebRequest {
  readonly path: string;
  /**
   * `hidden`: 403 or 404, as if it did not exist. `own`: any answer, about the asker's own things only. `nothing`: a
   * page or a redirect that says nothing.
   */
  readonly expect: 'hidden' | 'own' | 'nothing';
}

/** What the tries of one route are made of. */
export interface Parties {
  readonly self: Tenant;
  readonly victim: Tenant;
}

export type Filling = (parties: Parties) => readonly Try[];

/** Every id of the victim in the place of `:id`, the one of its kind first: also ids of another kind must open nothing. */
function byId(pattern: string, more: WebRequest = {}): Filling {
  return ({ victim }) =>
    idsFor(pattern, victim.ids).map((id) => ({
      ...more,
      path: pattern.replace(':id', id).replace(':index', '0'),
      expect: 'hidden',
    }));
}

/** Routes without an id: what they answer is about the asker, whatever stands in their other parameters. */
function own(path: string, more: WebRequest = {}): Filling {
  return () => [{ ...more, path, expect: 'own' }];
}

/** A list, from its beginning and from positions that are the victim's. */
function list(path: string): Filling {
  return ({ victim }) => [
    { path, expect: 'own' },
    ...Object.values(victim.ids).map(
      (id): Try => ({ path: `${path}?cursor=${encodeCursor(id)}`, expect: 'own' }),
    ),
  ];
}

/** Every id of the victim as group and as person. */
function intoGroup({ ids }: Tenant): Try[] {
  return [
    { path: `/v1/groups/${ids.group}/members/${ids.member}`, expect: 'hidden' },
    ...Object.values(ids).map((id): Try => ({ path: `/v1/groups/${id}/members/${id}`, expect: 'hidden' })),
  ];
}

const unlock = (message: string, delivery: string): Try => ({
  path: `/v1/messages/${message}/deliveries/${delivery}/unlock`,
  expect: 'hidden',
});

const NOBODY = 'x'.repeat(43);

/** Public pages on the way to a provider: for ids that are no connection they say nothing. */
function road(pattern: string, more: WebRequest = {}): Filling {
  return ({ victim }) =>
    idsFor(pattern, victim.ids).map((id) => ({
      ...more,
      path: pattern.replace(':id', id),
      expect: 'nothing',
    }));
}

/** A connection that may be put. */
const SSO_CHANGE = {
  ...{ name: 'Mine', live: false, provider: null, domains: [], enforced: false, exempt: [] },
  rules: {
    ...{ jit: false, defaultRoles: [], mapping: [], requiredGroup: null, endsMembership: false },
    ...{ trustMethods: false, providerFirst: false },
    claims: { address: 'email', name: 'name', groups: 'groups' },
  },
};

/** A policy that may be kept and tried. */
const WRITTEN = {
  methods: ['portal'],
  tls: { minimum: '1.2', authentication: 'verified' },
  tlsHighestClass: 'light',
  exclusive: false,
  waivers: { enabled: false, highestClass: 'ordinary' },
  triggers: { raise: [], lower: [], lowering: false },
  ...{ streams: [], domains: [], recipients: [] },
  portalExpiryDays: 30,
  giveUpDays: 5,
};

/** In the sandbox no server outside is reached. */
const LDAP = {
  host: 'ldap.invalid',
  port: 636,
  security: 'ldaps',
  authorities: '',
  baseDn: 'dc=clinic',
  bindDn: null,
};

/** A directory that is off, so that nothing asks it. */
const CONNECTION = {
  ...{ host: LDAP.host, port: LDAP.port, security: LDAP.security, authorities: '' },
  ...{ name: 'x', bindDn: null, enabled: false, groups: null },
  people: {
    ...{ base: 'dc=clinic', filter: '(mail=*)' },
    attributes: {
      ...{ id: 'entryUUID', userName: 'mail', displayName: 'cn', givenName: 'givenName', familyName: 'sn' },
      ...{ phone: null, disabled: 'none' },
    },
  },
};

const WATCHED = {
  match: { actions: ['session.started'] },
  by: 'account',
  detector: { kind: 'count', measure: { of: 'entries' }, threshold: 3, windowSeconds: 600 },
};

/** Routes of the API. A route that is missing here makes the proof fail. */
export const API_TABLE: Readonly<Record<string, Filling>> = {
  'GET /v1/setup': own('/v1/setup'),
  'POST /v1/setup/start': own('/v1/setup/start', {
    body: {
      token: NOBODY,
      organisationName: 'x',
      displayName: 'x',
      address: 'x@clinic.test',
      passphrase: 'x',
    },
  }),
  'POST /v1/invitations/accept': own('/v1/invitations/accept', { body: { token: NOBODY, passphrase: 'x' } }),
  'POST /v1/setup/totp/options': own('/v1/setup/totp/options', { body: { ceremony: NOBODY } }),
  'POST /v1/setup/totp': own('/v1/setup/totp', { body: { ceremony: NOBODY, code: '000000' } }),
  'POST /v1/setup/passkey/options': own('/v1/setup/passkey/options', { body: { ceremony: NOBODY } }),
  'POST /v1/setup/passkey': own('/v1/setup/passkey', { body: { ceremony: NOBODY, response: {} } }),
  'POST /v1/setup/recovery-kit': own('/v1/setup/recovery-kit', { body: {} }),
  'POST /v1/sign-in': ({ victim }) => [
    {
      path: '/v1/sign-in',
      body: { address: `admin.${victim.canary}@clinic.test`, passphrase: 'x' },
      expect: 'own',
    },
  ],
  'POST /v1/sign-in/totp': own('/v1/sign-in/totp', { body: { ceremony: NOBODY, code: '000000' } }),
  'POST /v1/sign-in/recovery-code': own('/v1/sign-in/recovery-code', {
    body: { ceremony: NOBODY, code: '0000-0000' },
  }),
  'POST /v1/sign-in/texted-code/send': own('/v1/sign-in/texted-code/send', { body: { ceremony: NOBODY } }),
  'POST /v1/sign-in/texted-code': own('/v1/sign-in/texted-code', {
    body: { ceremony: NOBODY, code: '000000' },
  }),
  'POST /v1/sign-in/certificate': own('/v1/sign-in/certificate', { body: { ceremony: NOBODY } }),
  'POST /v1/sign-in/passkey/options': own('/v1/sign-in/passkey/options', { body: { ceremony: NOBODY } }),
  'POST /v1/sign-in/passkey': own('/v1/sign-in/passkey', { body: { ceremony: NOBODY, response: {} } }),
  'POST /v1/sign-in/mailed-code/send': own('/v1/sign-in/mailed-code/send', { body: { ceremony: NOBODY } }),
  'POST /v1/sign-in/mailed-code': own('/v1/sign-in/mailed-code', {
    body: { ceremony: NOBODY, code: '000000' },
  }),
  'POST /v1/sign-in/passkey-alone/options': own('/v1/sign-in/passkey-alone/options', { body: {} }),
  'POST /v1/sign-in/passkey-alone': own('/v1/sign-in/passkey-alone', {
    body: { ceremony: NOBODY, response: {} },
  }),
  'POST /v1/sign-in/enrolment/passphrase': own('/v1/sign-in/enrolment/passphrase', {
    body: { ceremony: NOBODY, passphrase: 'x' },
  }),
  'POST /v1/sign-in/enrolment/passkey/options': own('/v1/sign-in/enrolment/passkey/options', {
    body: { ceremony: NOBODY },
  }),
  'POST /v1/sign-in/enrolment/passkey': own('/v1/sign-in/enrolment/passkey', {
    body: { ceremony: NOBODY, response: {} },
  }),
  'POST /v1/members/:id/recovery': byId('/v1/members/:id/recovery', { body: {} }),
  'POST /v1/recovery/code': own('/v1/recovery/code', { body: { token: NOBODY } }),
  'POST /v1/recovery/confirm': own('/v1/recovery/confirm', {
    body: { token: NOBODY, code: '000000', passphrase: 'x' },
  }),
  'GET /v1/account': own('/v1/account'),
  'PATCH /v1/account/factors/:id': byId('/v1/account/factors/:id', { body: { label: 'x' } }),
  'DELETE /v1/account/factors/:id': byId('/v1/account/factors/:id'),
  'POST /v1/account/totp/options': own('/v1/account/totp/options', { body: {} }),
  'POST /v1/account/totp': own('/v1/account/totp', {
    body: { ceremony: NOBODY, code: '000000', label: 'x' },
  }),
  'POST /v1/account/telephone/options': own('/v1/account/telephone/options', {
    body: { number: '+15555550100' },
  }),
  'POST /v1/account/telephone': own('/v1/account/telephone', {
    body: { ceremony: NOBODY, code: '000000', label: 'x' },
  }),
  'GET /v1/account/certificate': own('/v1/account/certificate'),
  'POST /v1/account/certificate': own('/v1/account/certificate', { body: { label: 'x' } }),
  'POST /v1/account/passkey/options': own('/v1/account/passkey/options', { body: {} }),
  'POST /v1/account/passkey': own('/v1/account/passkey', {
    body: { ceremony: NOBODY, response: {}, label: 'x' },
  }),
  'PUT /v1/account/passphrase': own('/v1/account/passphrase', { body: { old: 'x', passphrase: 'x' } }),
  'POST /v1/account/recovery-codes': own('/v1/account/recovery-codes', { body: {} }),
  'GET /v1/sign-in-policy': own('/v1/sign-in-policy'),
  'PUT /v1/sign-in-policy': own('/v1/sign-in-policy', {
    body: {
      ...{
        everyone: 'any',
        administrators: 'any',
        roles: [],
        totp: true,
        mailedCode: false,
        textedCode: false,
        certificate: 'off',
      },
      ...{
        graceDays: 14,
        newPeopleGraceDays: 0,
        passphrase: { minimum: 15, mixture: false, maxAgeDays: null },
      },
    },
  }),
  'GET /v1/session': own('/v1/session'),
  'PATCH /v1/session': ({ victim }) =>
    Object.values(victim.ids).map((id) => ({
      path: '/v1/session',
      body: { organisation: id },
      expect: 'hidden',
    })),
  'POST /v1/session/key': own('/v1/session/key'),
  'POST /v1/session/tickets': own('/v1/session/tickets', { body: { target: '/v1/audit/export/manifest' } }),
  'GET /v1/session/step-up': own('/v1/session/step-up'),
  'POST /v1/session/step-up/totp': own('/v1/session/step-up/totp', { body: { code: '000000' } }),
  'POST /v1/session/step-up/passkey/options': own('/v1/session/step-up/passkey/options', { body: {} }),
  'POST /v1/session/step-up/passkey': own('/v1/session/step-up/passkey', {
    body: { ceremony: NOBODY, response: {} },
  }),
  'GET /v1/session-settings': own('/v1/session-settings'),
  'PUT /v1/session-settings': own('/v1/session-settings', { body: {} }),
  'GET /v1/members/:id/sessions': byId('/v1/members/:id/sessions'),
  'DELETE /v1/members/:id/sessions': byId('/v1/members/:id/sessions'),
  'DELETE /v1/members/:id/sessions/:session': ({ self, victim }) =>
    Object.values(victim.ids).flatMap((id) => [
      { path: `/v1/members/${id}/sessions/${id}`, expect: 'hidden' as const },
      { path: `/v1/members/${self.ids.member}/sessions/${id}`, expect: 'hidden' as const },
    ]),
  'GET /v1/access-rules': own('/v1/access-rules'),
  'PUT /v1/access-rules': own('/v1/access-rules', { body: { version: 0, rules: [] } }),
  'POST /v1/access-rules/replay': own('/v1/access-rules/replay', { body: { rules: [] } }),
  'GET /v1/devices': ({ victim }) => [
    { path: '/v1/devices', expect: 'own' },
    { path: `/v1/devices?person=${victim.ids.member}`, expect: 'own' },
  ],
  'PUT /v1/devices/:id': byId('/v1/devices/:id', { body: { name: 'mine', trusted: true } }),
  'DELETE /v1/devices/:id': byId('/v1/devices/:id'),
  'GET /v1/sessions': own('/v1/sessions'),
  'DELETE /v1/sessions': own('/v1/sessions'),
  'DELETE /v1/sessions/:id': byId('/v1/sessions/:id'),
  'GET /v1/api-keys': list('/v1/api-keys'),
  'POST /v1/api-keys': own('/v1/api-keys', { body: { label: 'mine', permissions: ['messages:read'] } }),
  'POST /v1/api-keys/:id/rotate': byId('/v1/api-keys/:id/rotate', { body: {} }),
  'DELETE /v1/api-keys/:id': byId('/v1/api-keys/:id'),
  'GET /v1/service-accounts': list('/v1/service-accounts'),
  'POST /v1/service-accounts': ({ victim }) => [
    {
      path: '/v1/service-accounts',
      body: { name: 'mine', owner: victim.ids.member, permissions: ['messages:read'] },
      expect: 'own',
    },
  ],
  'PATCH /v1/service-accounts/:id': byId('/v1/service-accounts/:id', { body: {} }),
  'DELETE /v1/service-accounts/:id': byId('/v1/service-accounts/:id'),
  'GET /v1/api-key-rule': own('/v1/api-key-rule'),
  'PUT /v1/api-key-rule': own('/v1/api-key-rule', { body: { longestDays: 365 } }),
  'POST /v1/oauth-clients': ({ victim }) => [
    {
      path: '/v1/oauth-clients',
      body: {
        label: 'mine',
        permissions: ['messages:read'],
        serviceAccount: victim.ids['service account'],
        keys: { url: 'https://keys.invalid/jwks' },
      },
      expect: 'own',
    },
  ],
  'PUT /v1/oauth-clients/:id/keys': byId('/v1/oauth-clients/:id/keys', {
    body: { keys: { url: 'https://keys.invalid/jwks' } },
  }),
  'GET /.well-known/oauth-authorization-server': own('/.well-known/oauth-authorization-server'),
  'POST /oauth/token': own('/oauth/token', {
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  }),
  'POST /v1/break-glass': own('/v1/break-glass', {
    body: { reason: 'a patient in the emergency room', minutes: 15 },
  }),
  'GET /v1/break-glass/running': own('/v1/break-glass/running'),
  'POST /v1/break-glass/:id/end': byId('/v1/break-glass/:id/end'),
  'GET /v1/break-glass': list('/v1/break-glass'),
  'GET /v1/break-glass/:id/acts': byId('/v1/break-glass/:id/acts'),
  'POST /v1/break-glass/:id/review': byId('/v1/break-glass/:id/review', {
    body: { justified: true, note: 'looked at' },
  }),
  'GET /v1/break-glass-settings': own('/v1/break-glass-settings'),
  'PUT /v1/break-glass-settings': own('/v1/break-glass-settings', {
    body: { permissions: ['messages:read'] },
  }),
  'GET /v1/access-reviews': list('/v1/access-reviews'),
  'POST /v1/access-reviews': ({ victim }) => [
    {
      path: '/v1/access-reviews',
      body: {
        name: 'mine',
        audience: 'people',
        reviewers: [victim.ids.member],
        dueAt: new Date(Date.now() + 86_400_000).toISOString(),
      },
      expect: 'own',
    },
  ],
  'POST /v1/access-reviews/:id/close': byId('/v1/access-reviews/:id/close'),
  'GET /v1/access-reviews/:id/report': byId('/v1/access-reviews/:id/report'),
  'GET /v1/access-reviews/:id/items': byId('/v1/access-reviews/:id/items'),
  'POST /v1/access-review-items/:id/decide': byId('/v1/access-review-items/:id/decide', {
    body: { decision: 'keep' },
  }),
  'GET /v1/pending-acts': list('/v1/pending-acts'),
  'GET /v1/pending-acts/:id/request': byId('/v1/pending-acts/:id/request'),
  'POST /v1/pending-acts/:id/approve': byId('/v1/pending-acts/:id/approve'),
  'POST /v1/pending-acts/:id/reject': byId('/v1/pending-acts/:id/reject'),
  'POST /v1/pending-acts/:id/withdraw': byId('/v1/pending-acts/:id/withdraw'),
  'POST /v1/pending-acts/:id/answer': byId('/v1/pending-acts/:id/answer'),
  'GET /v1/four-eyes-settings': own('/v1/four-eyes-settings'),
  'PUT /v1/four-eyes-settings': own('/v1/four-eyes-settings', { body: { codes: [] } }),
  'GET /v1/openpgp-keys': list('/v1/openpgp-keys'),
  'POST /v1/openpgp-keys': ({ victim }) => [
    { path: '/v1/openpgp-keys', body: { address: victim.mailbox, key: 'x' }, expect: 'own' },
  ],
  'POST /v1/openpgp-keys/:id/confirm': byId('/v1/openpgp-keys/:id/confirm'),
  'POST /v1/openpgp-keys/:id/reject': byId('/v1/openpgp-keys/:id/reject'),
  'POST /v1/openpgp-keys/:id/revoke': byId('/v1/openpgp-keys/:id/revoke'),
  'DELETE /v1/openpgp-keys/:id': byId('/v1/openpgp-keys/:id'),
  'GET /v1/openpgp-key': own('/v1/openpgp-key'),
  'POST /v1/openpgp-key/rotate': own('/v1/openpgp-key/rotate', { body: { replaces: '0'.repeat(40) } }),
  'POST /v1/openpgp-key/:id/revoke': byId('/v1/openpgp-key/:id/revoke', { body: { reason: 'superseded' } }),
  'POST /v1/openpgp-key/:id/revocation-certificate': byId('/v1/openpgp-key/:id/revocation-certificate'),
  'GET /v1/openpgp-settings': own('/v1/openpgp-settings'),
  'PUT /v1/openpgp-settings': own('/v1/openpgp-settings', {
    body: { wkd: 'first-use', hkps: 'first-use', portal: 'first-use', autocrypt: 'vouched' },
  }),
  'GET /.well-known/openpgpkey/:domain/hu/:hash': own(
    `/.well-known/openpgpkey/clinic.test/hu/${'y'.repeat(32)}`,
  ),
  'GET /.well-known/openpgpkey/hu/:hash': own(`/.well-known/openpgpkey/hu/${'y'.repeat(32)}`),
  'GET /.well-known/openpgpkey/:domain/policy': own('/.well-known/openpgpkey/clinic.test/policy'),
  'GET /v1/members': list('/v1/members'),
  'POST /v1/members/search': ({ victim }) => [
    ...[victim.canary, victim.mailbox, `admin.${victim.canary}@${victim.domain}`].map(
      (text): Try => ({ path: '/v1/members/search', body: { text }, expect: 'own' }),
    ),
    { path: '/v1/members/search', body: { ids: Object.values(victim.ids).slice(0, 50) }, expect: 'own' },
  ],
  'POST /v1/members': ({ self }) => [
    {
      path: '/v1/members',
      body: {
        address: `new.${self.canary}.${Math.random()}@${self.domain}`,
        displayName: 'New',
        roles: ['sender'],
      },
      expect: 'own',
    },
  ],
  'DELETE /v1/members/:id': byId('/v1/members/:id'),
  'GET /v1/members/:id/access': byId('/v1/members/:id/access'),
  'PUT /v1/members/:id/roles': byId('/v1/members/:id/roles', { body: { roles: [] } }),
  'PUT /v1/members/:id/boundary': byId('/v1/members/:id/boundary', { body: { permissions: null } }),
  'GET /v1/roles': own('/v1/roles'),
  'POST /v1/roles': own('/v1/roles', { body: { name: 'x', permissions: [] } }),
  'PUT /v1/roles/:id': byId('/v1/roles/:id', { body: { name: 'x', permissions: [] } }),
  'DELETE /v1/roles/:id': byId('/v1/roles/:id'),
  'GET /v1/groups': list('/v1/groups'),
  'POST /v1/groups': own('/v1/groups', { body: { name: 'x' } }),
  'PUT /v1/groups/:id': byId('/v1/groups/:id', { body: { name: 'x' } }),
  'DELETE /v1/groups/:id': byId('/v1/groups/:id'),
  'GET /v1/groups/:id/members': byId('/v1/groups/:id/members'),
  'PUT /v1/groups/:id/members/:identity': ({ victim }) => intoGroup(victim),
  'DELETE /v1/groups/:id/members/:identity': ({ victim }) => intoGroup(victim),
  'GET /v1/role-assignments': ({ victim }) =>
    Object.values(victim.ids).map((id) => ({ path: `/v1/role-assignments?subject=${id}`, expect: 'own' })),
  'POST /v1/role-assignments': ({ victim }) =>
    Object.values(victim.ids).map((id) => ({
      path: '/v1/role-assignments',
      body: { subject: { kind: 'identity', id }, role: 'sender' },
      expect: 'hidden',
    })),
  'DELETE /v1/role-assignments/:id': byId('/v1/role-assignments/:id'),
  'POST /v1/access/explain': ({ victim }) =>
    Object.values(victim.ids).map((identity) => ({
      path: '/v1/access/explain',
      body: { identity, permission: 'messages:read' },
      expect: 'own',
    })),
  'GET /v1/access/unused': list('/v1/access/unused'),
  'GET /v1/guardrails': own('/v1/guardrails'),
  'PUT /v1/guardrails': own('/v1/guardrails', { body: { denied: [], caps: {} } }),
  'PUT /v1/organisations/:id/parent': byId('/v1/organisations/:id/parent', { body: { parent: null } }),
  'GET /v1/care-rule': own('/v1/care-rule'),
  'PUT /v1/care-rule': own('/v1/care-rule', { body: { on: false } }),
  'POST /v1/care-relationships/search': ({ victim }) => [
    { path: '/v1/care-relationships/search', body: { address: victim.mailbox }, expect: 'own' },
  ],
  'POST /v1/care-relationships': ({ victim }) =>
    Object.values(victim.ids).map((id) => ({
      path: '/v1/care-relationships',
      body: {
        subject: { kind: 'identity', id },
        address: victim.mailbox,
        since: '2026-01-01T00:00:00Z',
      },
      expect: 'hidden',
    })),
  'DELETE /v1/care-relationships/:id': byId('/v1/care-relationships/:id'),
  'GET /v1/organisation': own('/v1/organisation'),
  'PATCH /v1/organisation': own('/v1/organisation', { body: { locale: 'en' } }),
  'GET /v1/organisation/portal-sign-in': own('/v1/organisation/portal-sign-in'),
  'PUT /v1/organisation/portal-sign-in': own('/v1/organisation/portal-sign-in', {
    body: { first: ['mailed-code'], question: 'never', wrongAnswers: 5 },
  }),
  'GET /v1/organisation/portal-delegation': own('/v1/organisation/portal-delegation'),
  'PUT /v1/organisation/portal-delegation': own('/v1/organisation/portal-delegation', {
    body: {
      ...{ name: 'Mine', mode: 'off', provider: null },
      rules: { claim: 'email', names: 'address', verified: true, strong: [] },
    },
  }),
  'PUT /v1/organisation/portal-delegation/accounts': ({ victim }) => [
    {
      path: '/v1/organisation/portal-delegation/accounts',
      body: { items: [{ account: 'x', address: victim.mailbox }] },
      expect: 'own',
    },
  ],
  'DELETE /v1/organisation/portal-delegation': own('/v1/organisation/portal-delegation'),
  'GET /v1/organisation/domains': own('/v1/organisation/domains'),
  'POST /v1/organisation/domains': own('/v1/organisation/domains', { body: { name: 'clinic.test' } }),
  'GET /v1/organisations': own('/v1/organisations'),
  'POST /v1/organisations': own('/v1/organisations', { body: { name: 'x' } }),
  'PUT /v1/organisations/:id/limits': byId('/v1/organisations/:id/limits', {
    body: { recipientsPerHour: null },
  }),
  'GET /v1/installation': own('/v1/installation'),
  'PATCH /v1/installation': own('/v1/installation', { body: {} }),
  'POST /v1/installation/mode': own('/v1/installation/mode', { body: { mode: 'sandbox' } }),
  'POST /v1/messages': ({ self, victim }) => [
    { path: '/v1/messages', body: messageFrom(`dr.${victim.canary}@${victim.domain}`), expect: 'own' },
    {
      path: '/v1/messages',
      body: messageFrom(`dr@${self.domain}`),
      headers: { 'idempotency-key': victim.idempotencyKey },
      expect: 'own',
    },
  ],
  'GET /v1/messages': list('/v1/messages'),
  'POST /v1/messages/raw': ({ victim }) => [
    {
      path: '/v1/messages/raw',
      headers: {
        'content-type': 'message/rfc822',
        'x-sealpost-from': `dr@${victim.domain}`,
        'x-sealpost-to': 'anna@good-tls.test',
      },
      body: 'Subject: x\r\n\r\nx\r\n',
      expect: 'own',
    },
  ],
  'POST /v1/messages/search': ({ victim }) => [
    ...[`Results ${victim.canary}`, victim.canary].map(
      (text): Try => ({ path: '/v1/messages/search', body: { text }, expect: 'own' }),
    ),
    { path: '/v1/messages/search', body: { to: victim.mailbox }, expect: 'own' },
    { path: '/v1/messages/search', body: { from: `dr.${victim.canary}@${victim.domain}` }, expect: 'own' },
    {
      path: '/v1/messages/search',
      body: { text: 'Results', cursor: encodeCursor(victim.ids['waiting message']) },
      expect: 'own',
    },
  ],
  'GET /v1/messages/:id': byId('/v1/messages/:id'),
  'GET /v1/messages/:id/content': byId('/v1/messages/:id/content'),
  'GET /v1/messages/:id/attachments/:index': byId('/v1/messages/:id/attachments/:index'),
  'GET /v1/deliveries/:id': byId('/v1/deliveries/:id'),
  'GET /v1/deliveries/:id/proof': byId('/v1/deliveries/:id/proof'),
  'GET /v1/deliveries/:id/proof-file': byId('/v1/deliveries/:id/proof-file?recipient=named'),
  'GET /v1/deliveries/:id/proof-report': byId('/v1/deliveries/:id/proof-report?recipient=named'),
  'GET /v1/proof-keys': own('/v1/proof-keys'),
  'POST /v1/messages/:id/cancel': byId('/v1/messages/:id/cancel'),
  'POST /v1/messages/:id/retract': byId('/v1/messages/:id/retract'),
  'POST /v1/messages/:id/deliveries/:delivery/unlock': ({ victim: { ids } }) =>
    Object.values(ids).flatMap((id) => [
      unlock(id, ids.delivery),
      unlock(id, ids['portal delivery']),
      unlock(ids.message, id),
      unlock(ids['waiting message'], id),
    ]),
  'GET /v1/messages/:id/events': (parties) => [
    ...byId('/v1/messages/:id/events', { readForMs: 3_000 })(parties),
    { path: `/v1/messages/${parties.self.ids.message}/events`, readForMs: 800, expect: 'own' },
  ],
  'GET /v1/overview': own('/v1/overview'),
  'GET /v1/events': own('/v1/events?limit=1000'),
  'GET /v1/policy': own('/v1/policy'),
  'PUT /v1/policy': own('/v1/policy', { headers: { 'if-match': '"1"' }, body: {} }),
  'GET /v1/policy/versions': own('/v1/policy/versions'),
  'POST /v1/policy/preview': ({ victim }) => [
    {
      path: '/v1/policy/preview',
      body: { address: `policy.${victim.canary}@good-tls.test`, class: 'light' },
      expect: 'own',
    },
  ],
  'GET /v1/policy/versions/compare': own('/v1/policy/versions/compare?from=1&to=1'),
  'POST /v1/policy/review': own('/v1/policy/review', { body: { policy: WRITTEN } }),
  'GET /v1/policy/drafts': own('/v1/policy/drafts'),
  'POST /v1/policy/drafts': own('/v1/policy/drafts', {
    body: { name: 'x', policy: WRITTEN, baseVersion: 1 },
  }),
  'GET /v1/policy/drafts/:id': byId('/v1/policy/drafts/:id'),
  'PUT /v1/policy/drafts/:id': byId('/v1/policy/drafts/:id', {
    headers: { 'if-match': '"1"' },
    body: { name: 'x', policy: WRITTEN },
  }),
  'DELETE /v1/policy/drafts/:id': byId('/v1/policy/drafts/:id'),
  'POST /v1/policy/replays': own('/v1/policy/replays', { body: { policy: WRITTEN, days: 30 } }),
  'GET /v1/policy/replays': own('/v1/policy/replays'),
  'GET /v1/policy/replays/:id': byId('/v1/policy/replays/:id'),
  'POST /v1/policy/replays/:id/cancel': byId('/v1/policy/replays/:id/cancel'),
  'GET /v1/policy/settings': own('/v1/policy/settings'),
  'PUT /v1/policy/settings': own('/v1/policy/settings', { body: { fourEyes: false } }),
  'GET /v1/policy/proposals': list('/v1/policy/proposals'),
  'POST /v1/policy/proposals/:id/approve': byId('/v1/policy/proposals/:id/approve', { body: {} }),
  'POST /v1/policy/proposals/:id/reject': byId('/v1/policy/proposals/:id/reject', { body: {} }),
  'POST /v1/policy/proposals/:id/withdraw': byId('/v1/policy/proposals/:id/withdraw'),
  'POST /v1/analyser/headers': own('/v1/analyser/headers', {
    body: { headers: 'Received: from a.example by b.example with ESMTP\r\n\r\n' },
  }),
  'POST /v1/analyser/domain': own('/v1/analyser/domain', { body: { domain: 'good-tls.test' } }),
  'GET /v1/certificates': list('/v1/certificates'),
  'POST /v1/certificates': own('/v1/certificates', {
    body: { address: 'x@smime.test', certificate: 'AAAA' },
  }),
  'POST /v1/certificates/signed-mail': own('/v1/certificates/signed-mail', {
    headers: { 'content-type': 'message/rfc822' },
    body: 'Subject: x\r\n\r\nx\r\n',
  }),
  'DELETE /v1/certificates/:id': byId('/v1/certificates/:id'),
  'GET /v1/trust-anchors': own('/v1/trust-anchors'),
  'POST /v1/trust-anchors': own('/v1/trust-anchors', { body: { certificate: 'AAAA' } }),
  'DELETE /v1/trust-anchors/:id': byId('/v1/trust-anchors/:id'),
  'GET /v1/certificate-directories': own('/v1/certificate-directories'),
  'POST /v1/certificate-directories': own('/v1/certificate-directories', { body: { ...LDAP, port: 0 } }),
  'PUT /v1/certificate-directories/:id': byId('/v1/certificate-directories/:id', { body: LDAP }),
  'DELETE /v1/certificate-directories/:id': byId('/v1/certificate-directories/:id'),
  'POST /v1/certificate-directories/:id/test': byId('/v1/certificate-directories/:id/test', {
    body: { address: 'x@smime.test' },
  }),
  'GET /v1/signing-certificate': own('/v1/signing-certificate'),
  'PUT /v1/signing-certificate': own('/v1/signing-certificate', {
    body: { kind: 'pkcs12', file: 'AAAA', passphrase: 'x' },
  }),
  'DELETE /v1/signing-certificate': own('/v1/signing-certificate'),
  'GET /v1/smime-settings': own('/v1/smime-settings'),
  'PUT /v1/smime-settings': own('/v1/smime-settings', {
    body: { revocation: 'soft', cipher: 'auto', keyTransport: 'auto', signature: 'clear' },
  }),
  'GET /v1/pdf-passwords': list('/v1/pdf-passwords'),
  'POST /v1/pdf-passwords': ({ self }) => [
    {
      path: '/v1/pdf-passwords',
      body: { address: `pdf.${self.canary}.${Math.random()}@good-tls.test` },
      expect: 'own',
    },
  ],
  'GET /v1/pdf-settings': own('/v1/pdf-settings'),
  'PUT /v1/pdf-settings': own('/v1/pdf-settings', { body: { channels: ['agreed'], mostMegabytes: 20 } }),
  'DELETE /v1/pdf-passwords/:id': byId('/v1/pdf-passwords/:id'),
  'GET /v1/waivers': list('/v1/waivers'),
  'POST /v1/waivers': ({ self }) => [
    {
      path: '/v1/waivers',
      body: {
        address: `plain.${self.canary}.${Math.random()}@good-tls.test`,
        text: `I was told of the risk ${self.canary}`,
        language: 'en',
        expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
      },
      expect: 'own',
    },
  ],
  'POST /v1/waivers/:id/withdraw': byId('/v1/waivers/:id/withdraw'),
  'GET /v1/recipients': list('/v1/recipients'),
  'POST /v1/recipients/search': ({ victim }) => [
    {
      path: '/v1/recipients/search',
      body: { address: `kept.${victim.canary}@good-tls.test` },
      expect: 'own',
    },
  ],
  'GET /v1/recipients/:id': byId('/v1/recipients/:id'),
  'POST /v1/recipients': ({ self }) => [
    {
      path: '/v1/recipients',
      body: recipientOf(`kept.${self.canary}.${Math.random()}@good-tls.test`),
      expect: 'own',
    },
  ],
  'PUT /v1/recipients/:id': byId('/v1/recipients/:id', {
    headers: { 'if-match': '"1"' },
    body: { mobile: null, stopped: false, challenge: null, fallback: null },
  }),
  'DELETE /v1/recipients/:id': byId('/v1/recipients/:id', { headers: { 'if-match': '"1"' } }),
  'GET /v1/paper-letters': list('/v1/paper-letters'),
  'POST /v1/paper-letters/:id/written': byId('/v1/paper-letters/:id/written'),
  'GET /v1/text-channel': own('/v1/text-channel'),
  'PATCH /v1/text-channel': own('/v1/text-channel', { body: { textNotices: true } }),
  'PUT /v1/text-channel/gateway': own('/v1/text-channel/gateway', { body: {} }),
  'DELETE /v1/text-channel/gateway': own('/v1/text-channel/gateway'),
  'POST /v1/text-channel/test': own('/v1/text-channel/test', { body: { number: '+34600000001' } }),
  'GET /v1/installation/text-gateway': own('/v1/installation/text-gateway'),
  'PUT /v1/installation/text-gateway': own('/v1/installation/text-gateway', { body: {} }),
  'DELETE /v1/installation/text-gateway': own('/v1/installation/text-gateway'),
  'GET /v1/inbound/domains': own('/v1/inbound/domains'),
  'PUT /v1/inbound/domains/:domain': ({ victim }) => [
    {
      path: `/v1/inbound/domains/${victim.domain}`,
      body: { host: 'mail.clinic.test' },
      expect: 'hidden',
    },
  ],
  'DELETE /v1/inbound/domains/:domain': ({ victim }) => [
    { path: `/v1/inbound/domains/${victim.domain}`, expect: 'hidden' },
  ],
  'POST /v1/inbound/domains/:domain/check': ({ victim }) => [
    { path: `/v1/inbound/domains/${victim.domain}/check`, expect: 'hidden' },
  ],
  'GET /v1/sso-connections': own('/v1/sso-connections'),
  'POST /v1/sso-connections': own('/v1/sso-connections', { body: { kind: 'oidc', name: 'Mine' } }),
  'POST /v1/sso-connections/read-metadata': own('/v1/sso-connections/read-metadata', {
    body: { xml: '<a/>' },
  }),
  'GET /v1/sso-connections/:id': byId('/v1/sso-connections/:id'),
  'PUT /v1/sso-connections/:id': byId('/v1/sso-connections/:id', { body: SSO_CHANGE }),
  'DELETE /v1/sso-connections/:id': byId('/v1/sso-connections/:id'),
  'POST /v1/sso-connections/:id/tries': byId('/v1/sso-connections/:id/tries'),
  'GET /v1/sso-connections/:id/tries/:try': ({ victim }) =>
    idsFor('/v1/sso-connections/:id', victim.ids).map((id) => ({
      path: `/v1/sso-connections/${id}/tries/${id}`,
      expect: 'hidden',
    })),
  'POST /v1/sign-in/discover': ({ victim }) => [
    { path: '/v1/sign-in/discover', body: { address: `anybody@${victim.domain}` }, expect: 'own' },
  ],
  'GET /v1/sign-in/organisations/:slug': own('/v1/sign-in/organisations/nowhere'),
  'GET /v1/session/provider': own('/v1/session/provider'),
  'GET /sso/:id/start': road('/sso/:id/start'),
  'GET /sso/:id/callback': road('/sso/:id/callback?state=x&code=y'),
  'POST /sso/:id/acs': road('/sso/:id/acs', { body: new URLSearchParams({ SAMLResponse: 'eA==' }) }),
  'GET /sso/:id/finish': road(`/sso/:id/finish?ticket=${NOBODY}`),
  'GET /sso/:id/metadata': road('/sso/:id/metadata'),
  'GET /sso/:id/keys': road('/sso/:id/keys'),
  'POST /sso/:id/back-channel-logout': road('/sso/:id/back-channel-logout', {
    body: new URLSearchParams({ logout_token: 'a.b.c' }),
  }),
  'POST /sso/:id/logout': road('/sso/:id/logout', { body: new URLSearchParams({ SAMLRequest: 'eA==' }) }),
  'GET /v1/caregivers': list('/v1/caregivers'),
  'POST /v1/caregivers': ({ self }) => [
    {
      path: '/v1/caregivers',
      body: {
        patientAddress: `patient.${self.canary}@good-tls.test`,
        caregiverAddress: `carer.${self.canary}@good-tls.test`,
        label: 'x',
        reason: `asked for ${self.canary}`,
        relation: 'family',
      },
      expect: 'own',
    },
  ],
  'POST /v1/caregivers/:id/withdraw': byId('/v1/caregivers/:id/withdraw'),
  'GET /v1/audit': ({ victim }) => [
    { path: '/v1/audit?limit=200', expect: 'own' },
    ...Object.values(victim.ids).flatMap((id): Try[] => [
      { path: `/v1/audit?subject=${id}`, expect: 'own' },
      { path: `/v1/audit?cursor=i.${id}`, expect: 'own' },
    ]),
  ],
  'GET /v1/audit/:id/reference': byId('/v1/audit/:id/reference'),
  'POST /v1/audit/entries': ({ victim }) =>
    Object.values(victim.ids).map(
      (id): Try => ({ path: '/v1/audit/entries', body: { ids: [id] }, expect: 'own' }),
    ),
  'POST /v1/audit/search': ({ victim }) =>
    Object.values(victim.ids).flatMap((id): Try[] => [
      { path: '/v1/audit/search', body: { wanted: { subject: id } }, expect: 'own' },
      { path: '/v1/audit/search', body: { wanted: { recipient: victim.mailbox, actor: id } }, expect: 'own' },
    ]),
  'POST /v1/audit/search/open': own('/v1/audit/search/open', { body: { query: NOBODY } }),
  'POST /v1/audit/person': ({ victim }) =>
    Object.values(victim.ids).map((id) => ({
      path: '/v1/audit/person',
      body: { actor: id, since: '2020-01-01T00:00:00Z' },
      expect: 'own',
    })),
  'GET /v1/audit/export': own('/v1/audit/export?format=ocsf&resolve=true'),
  'GET /v1/audit/export/manifest': own('/v1/audit/export/manifest'),
  'GET /v1/audit-stream': own('/v1/audit-stream'),
  'PUT /v1/audit-stream': own('/v1/audit-stream', { body: { host: 'siem.invalid' } }),
  'DELETE /v1/audit-stream': own('/v1/audit-stream'),
  'GET /v1/audit-settings': own('/v1/audit-settings'),
  'PUT /v1/audit-settings': ({ victim }) => [
    {
      path: '/v1/audit-settings',
      body: { retentionYears: 6, reviewDays: 7, reviewers: [victim.ids.member], dayBegins: 7, dayEnds: 19 },
      expect: 'own',
    },
  ],
  'GET /v1/audit-reviews': list('/v1/audit-reviews'),
  'GET /v1/audit-reviews/standing': own('/v1/audit-reviews/standing'),
  'POST /v1/audit-reviews': own('/v1/audit-reviews'),
  'GET /v1/audit-reviews/:id': byId('/v1/audit-reviews/:id'),
  'POST /v1/audit-reviews/:id/marks': ({ victim }) =>
    idsFor('/v1/audit-reviews/:id', victim.ids).map((id) => ({
      path: `/v1/audit-reviews/${id}/marks`,
      body: { entry: victim.ids['audit entry'], note: 'x' },
      expect: 'hidden',
    })),
  'POST /v1/audit-reviews/:id/close': byId('/v1/audit-reviews/:id/close', { body: { statement: 'x' } }),
  'GET /v1/audit-evidence': list('/v1/audit-evidence'),
  'POST /v1/audit-evidence': own('/v1/audit-evidence', {
    body: { source: 'x', fileName: 'x', periodFrom: '2026-01-01', periodUntil: '2026-01-31' },
  }),
  'PUT /v1/audit-evidence/:id/file': byId('/v1/audit-evidence/:id/file', {
    headers: { 'content-type': 'application/octet-stream' },
    body: 'x',
  }),
  'GET /v1/audit-evidence/:id/file': byId('/v1/audit-evidence/:id/file'),
  'GET /v1/audit-filters': own('/v1/audit-filters'),
  'POST /v1/audit-filters': own('/v1/audit-filters', { body: { name: 'mine', wanted: {} } }),
  'DELETE /v1/audit-filters/:id': byId('/v1/audit-filters/:id'),
  'GET /v1/audit/state': own('/v1/audit/state'),
  'POST /v1/audit/verify': own('/v1/audit/verify'),
  'GET /v1/incidents': list('/v1/incidents'),
  'GET /v1/incidents/count': own('/v1/incidents/count'),
  'POST /v1/incidents': own('/v1/incidents', { body: { title: 'mine', severity: 'low' } }),
  'GET /v1/incidents/:id': byId('/v1/incidents/:id'),
  'POST /v1/incidents/:id/acts': byId('/v1/incidents/:id/acts', { body: { act: 'acknowledge' } }),
  'GET /v1/alert-rules': own('/v1/alert-rules'),
  'POST /v1/alert-rules': own('/v1/alert-rules', {
    body: { name: 'mine', severity: 'low', definition: WATCHED },
  }),
  'PATCH /v1/alert-rules/:id': byId('/v1/alert-rules/:id', { body: { revision: 1, active: false } }),
  'DELETE /v1/alert-rules/:id': byId('/v1/alert-rules/:id'),
  'POST /v1/alert-rules/try': own('/v1/alert-rules/try', { body: { definition: WATCHED, days: 1 } }),
  'GET /v1/alert-rules/try/:id': byId('/v1/alert-rules/try/:id'),
  'GET /v1/alert-channels': own('/v1/alert-channels'),
  'POST /v1/alert-channels': ({ victim }) =>
    Object.values(victim.ids).map((id) => ({
      path: '/v1/alert-channels',
      body: { to: { kind: 'mail', label: 'x', people: [id] } },
      expect: 'own',
    })),
  'PATCH /v1/alert-channels/:id': byId('/v1/alert-channels/:id', { body: { least: 'low', active: true } }),
  'DELETE /v1/alert-channels/:id': byId('/v1/alert-channels/:id'),
  'POST /v1/alert-channels/:id/test': byId('/v1/alert-channels/:id/test', { body: {} }),
  'GET /v1/alert-settings': own('/v1/alert-settings'),
  'PUT /v1/alert-settings': own('/v1/alert-settings', {
    body: { mutedUntil: null, escalateMinutes: 60 },
  }),
  'GET /v1/security-score': own('/v1/security-score'),
  'PUT /v1/security-score/attestations/:code': own('/v1/security-score/attestations/backup', { body: {} }),
  'DELETE /v1/security-score/attestations/:code': own('/v1/security-score/attestations/backup'),
  'GET /v1/domain-proofs': own('/v1/domain-proofs'),
  'POST /v1/domain-proofs/:domain/check': ({ victim }) => [
    // 409 in the sandbox, whatever the domain.
    { path: `/v1/domain-proofs/${victim.domain}/check`, body: {}, expect: 'nothing' },
  ],
  'GET /v1/sandbox/peers': own('/v1/sandbox/peers'),
  'GET /v1/sandbox/texts': own('/v1/sandbox/texts'),
  'GET /v1/sandbox/mailboxes': own('/v1/sandbox/mailboxes'),
  'GET /v1/sandbox/mailboxes/:address/messages': ({ victim }) => [
    { path: `/v1/sandbox/mailboxes/${victim.mailbox}/messages`, expect: 'own' },
  ],
  'GET /v1/sandbox/mailboxes/:address/messages/:id': ({ victim }) =>
    victim.mails.map((id) => ({
      path: `/v1/sandbox/mailboxes/${victim.mailbox}/messages/${id}`,
      expect: 'hidden',
    })),
  'GET /health/live': own('/health/live'),
  'GET /health/ready': own('/health/ready'),
  'GET /metrics': own('/metrics'),
  'GET /v1/openapi.json': own('/v1/openapi.json'),
  'GET /v1/docs': own('/v1/docs'),
  'GET /v1/docs.css': own('/v1/docs.css'),
  'GET /v1/provisioning': own('/v1/provisioning'),
  'PUT /v1/provisioning': own('/v1/provisioning', { body: { furtherDomains: [] } }),
  'GET /v1/provisioning/mappings': own('/v1/provisioning/mappings'),
  'PUT /v1/provisioning/mappings/:id': byId('/v1/provisioning/mappings/:id', { body: { roles: [] } }),
  'GET /v1/provisioning/connections': own('/v1/provisioning/connections'),
  'POST /v1/provisioning/connections': own('/v1/provisioning/connections', { body: CONNECTION }),
  'PUT /v1/provisioning/connections/:id': byId('/v1/provisioning/connections/:id', { body: CONNECTION }),
  'DELETE /v1/provisioning/connections/:id': byId('/v1/provisioning/connections/:id'),
  'POST /v1/provisioning/connections/:id/pass': byId('/v1/provisioning/connections/:id/pass', {
    body: { dry: true },
  }),
  'GET /v1/provisioning/connections/:id/runs': byId('/v1/provisioning/connections/:id/runs'),
  'POST /v1/provisioning/sync-now': own('/v1/provisioning/sync-now', { body: {} }),
  'GET /v1/provisioning/runs/:id': byId('/v1/provisioning/runs/:id'),
  'POST /v1/provisioning/runs/:id/confirm': byId('/v1/provisioning/runs/:id/confirm', { body: {} }),
  ...scimTable(),
  // Last, because it ends the asker's session.
  'DELETE /v1/session': own('/v1/session'),
};

/** A directory's requests, for everything of the victim's. */
function scimTable(): Readonly<Record<string, Filling>> {
  const table: Record<string, Filling> = {
    'GET /scim/v2/ServiceProviderConfig': own('/scim/v2/ServiceProviderConfig'),
    'GET /scim/v2/Schemas': own('/scim/v2/Schemas'),
    'GET /scim/v2/Schemas/:name': own('/scim/v2/Schemas/x'),
    'GET /scim/v2/ResourceTypes': own('/scim/v2/ResourceTypes'),
    'GET /scim/v2/ResourceTypes/:name': own('/scim/v2/ResourceTypes/x'),
  };
  const operations = [{ op: 'replace', value: { active: false, displayName: 'taken' } }];
  const patch = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations };
  const search = { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter: 'id pr' };
  for (const path of ['/scim/v2/Users', '/scim/v2/Groups']) {
    table[`GET ${path}`] = ({ victim }) =>
      ['id pr', `userName sw "admin.${victim.canary}"`, `externalId eq "${victim.canary}"`].map((filter) => ({
        ...{ path: `${path}?filter=${encodeURIComponent(filter)}`, expect: 'own' },
      }));
    table[`POST ${path}`] = ({ victim }) => [
      { path, body: { userName: `admin.${victim.canary}@${victim.domain}`, displayName: '' }, expect: 'own' },
    ];
    table[`POST ${path}/.search`] = own(`${path}/.search`, { body: search });
    table[`GET ${path}/:id`] = byId(`${path}/:id`);
    table[`PUT ${path}/:id`] = byId(`${path}/:id`, { body: { userName: 'x@clinic.test', displayName: 'x' } });
    table[`PATCH ${path}/:id`] = byId(`${path}/:id`, { body: patch });
    table[`DELETE ${path}/:id`] = byId(`${path}/:id`);
  }
  return table;
}

function recipientOf(address: string) {
  return { address, mobile: '+34600000002', stopped: false, challenge: null, fallback: { kind: 'text' } };
}

function messageFrom(from: string) {
  return { from, to: ['anna@good-tls.test'], subject: 'Results', text: 'x' };
}

const formOf = (fields: Readonly<Record<string, string>>): URLSearchParams => new URLSearchParams(fields);
const passkeyForm = (token: string, way: { readonly link: string; readonly item: string }): URLSearchParams =>
  formOf({ token, ...way, id: 'x', clientDataJSON: 'x', authenticatorData: 'x', signature: 'x' });

/** Fields as a form with attachments sends them. */
const parts = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .concat('--b--\r\n')
    .join('');

/** Pages of the portal. `form` is a token of the asker's own visit. */
export const PORTAL_TABLE: Readonly<Record<string, (parties: Parties, form: string) => readonly Try[]>> = {
  'GET /': own('/'),
  'GET /help': own('/help'),
  'POST /language': own('/language', { body: formOf({ locale: 'en', back: '/messages' }) }),
  'GET /robots.txt': own('/robots.txt'),
  'GET /assets/:version/:name': own('/assets/x/portal.css'),
  'GET /m/:token': ({ victim }) => [{ path: `/m/${victim.linkToken}`, expect: 'nothing' }],
  'POST /m/:token': ({ victim }, form) => [
    { path: `/m/${victim.linkToken}`, body: formOf({ token: form, act: 'open' }), expect: 'nothing' },
  ],
  'GET /sign-in': own('/sign-in'),
  'POST /sign-in': (_, form) => [
    { path: '/sign-in', body: formOf({ token: form, address: 'x' }), expect: 'own' },
  ],
  'GET /code': own('/code'),
  'POST /code': (_, form) => [
    { path: '/code', body: formOf({ token: form, code: '000000' }), expect: 'own' },
  ],
  'POST /code/again': (_, form) => [{ path: '/code/again', body: formOf({ token: form }), expect: 'own' }],
  'GET /messages': ({ victim }) => [
    { path: '/messages', expect: 'own' },
    ...Object.values(victim.ids).flatMap((id): Try[] => [
      { path: `/messages?before=${id}`, expect: 'own' },
      { path: `/messages?from=${id}`, expect: 'own' },
    ]),
  ],
  'POST /passkey': ({ victim }, form) => [
    { path: '/passkey', body: passkeyForm(form, { link: victim.linkToken, item: '' }), expect: 'nothing' },
    ...Object.values(victim.ids).map(
      (id): Try => ({ path: '/passkey', body: passkeyForm(form, { link: '', item: id }), expect: 'nothing' }),
    ),
  ],
  'POST /passkeys': (_, form) => [
    {
      path: '/passkeys',
      body: formOf({ token: form, id: 'x', clientDataJSON: 'x', attestationObject: 'x', transports: '' }),
      expect: 'own',
    },
  ],
  // No organisation of this proof has a portal of its own set up: each id must be nobody's.
  'GET /portal/:id': road('/portal/:id'),
  'GET /portal/:id/start': road('/portal/:id/start'),
  'GET /portal/:id/initiate': road('/portal/:id/initiate?iss=https://portal.test'),
  'POST /portal/:id/initiate': road('/portal/:id/initiate', {
    body: new URLSearchParams({ iss: 'https://portal.test' }),
  }),
  'GET /portal/:id/callback': road('/portal/:id/callback?state=x&code=y'),
  'GET /portal/:id/keys': road('/portal/:id/keys'),
  'POST /portal/:id/back-channel-logout': road('/portal/:id/back-channel-logout', {
    body: new URLSearchParams({ logout_token: 'a.b.c' }),
  }),
  'GET /ways': own('/ways'),
  'POST /ways': ({ victim }, form) =>
    Object.values(victim.ids).flatMap((id) =>
      ['remove-passkey', 'remove-device'].map(
        (act): Try => ({ path: '/ways', body: formOf({ token: form, act, id }), expect: 'nothing' }),
      ),
    ),
  'GET /messages/:id/prove': byId('/messages/:id/prove'),
  'POST /messages/:id/prove': (parties, form) =>
    byId('/messages/:id/prove', { body: formOf({ token: form, act: 'answer', answer: 'x' }) })(parties),
  'GET /messages/:id': byId('/messages/:id'),
  'GET /messages/:id/body': byId('/messages/:id/body'),
  'GET /messages/:id/attachments/:index': byId('/messages/:id/attachments/:index'),
  'GET /messages/:id/attachments/:index/preview': byId('/messages/:id/attachments/:index/preview'),
  'GET /messages/:id/attachments/:index/content': byId('/messages/:id/attachments/:index/content'),
  'GET /messages/:id/reply': byId('/messages/:id/reply'),
  'POST /messages/:id/reply': (parties, form) =>
    byId('/messages/:id/reply', {
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: parts({ token: form, text: 'hello' }),
    })(parties),
  'GET /messages/:id/reply-sent': byId('/messages/:id/reply-sent'),
  'GET /messages/:id/print': byId('/messages/:id/print'),
  'GET /search': own('/search'),
  'POST /search': () =>
    ['results', 'hello'].map(
      (words): Try => ({
        path: '/search',
        body: formOf({ words }),
        expect: 'own',
      }),
    ),
  'GET /write': own('/write'),
  'POST /write': ({ victim }, form) =>
    Object.values(victim.ids).map((id) => ({
      path: '/write',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: parts({ token: form, to: id, subject: 'hello', text: 'hello' }),
      expect: 'nothing',
    })),
  'GET /written/:id': byId('/written/:id'),
  'GET /pdf-passwords': own('/pdf-passwords'),
  'GET /pdf-passwords/:id': byId('/pdf-passwords/:id'),
  'GET /access': own('/access'),
  'POST /access/withdraw': ({ victim }, form) =>
    Object.values(victim.ids).map((id) => ({
      path: '/access/withdraw',
      body: formOf({ token: form, grant: id }),
      expect: 'own',
    })),
  'GET /preferences': own('/preferences'),
  'POST /preferences/texts': ({ victim }, form) =>
    Object.values(victim.ids).map((id) => ({
      path: '/preferences/texts',
      body: formOf({ token: form, organisation: id, act: 'stop' }),
      expect: 'own',
    })),
  'POST /preferences/keys': ({ victim }, form) =>
    Object.values(victim.ids).map((id) => ({
      path: '/preferences/keys',
      body: formOf({ token: form, organisation: id, key: 'x' }),
      expect: 'own',
    })),
  'POST /preferences/waiver/withdraw': ({ victim }, form) =>
    Object.values(victim.ids).map((id) => ({
      path: '/preferences/waiver/withdraw',
      body: formOf({ token: form, organisation: id }),
      expect: 'own',
    })),
  'POST /preferences/ask': ({ victim }, form) =>
    Object.values(victim.ids).map((id) => ({
      path: '/preferences/ask',
      body: formOf({ token: form, act: 'withdraw-key', about: id }),
      expect: 'own',
    })),
  'POST /preferences/confirm': ({ victim }, form) =>
    Object.values(victim.ids).map((id) => ({
      path: '/preferences/confirm',
      body: formOf({ token: form, act: 'withdraw-key', about: id, code: '000000' }),
      expect: 'own',
    })),
  'POST /organisation': ({ victim }, form) =>
    Object.values(victim.ids).map((id) => ({
      path: '/organisation',
      body: formOf({ token: form, person: id }),
      expect: 'nothing',
    })),
  'GET /health/live': own('/health/live'),
  'GET /health/ready': own('/health/ready'),
  'GET /sign-out': own('/sign-out'),
  'GET /signed-out': own('/signed-out'),
  // Last, because it may end the asker's session.
  'POST /sign-out': (_, form) => [{ path: '/sign-out', body: formOf({ token: form }), expect: 'own' }],
};
