import type { SsoConnection, SsoTry } from '../src/api-types.ts';

const rules: SsoConnection['rules'] = {
  jit: true,
  defaultRoles: ['sender'],
  mapping: [
    { value: 'ward-nurses', roles: ['nurse'], group: true },
    { value: 'compliance', roles: ['compliance-officer'], group: false },
  ],
  claims: { address: 'email', name: 'name', groups: 'groups' },
  requiredGroup: 'secure-mail',
  endsMembership: true,
  trustMethods: false,
  providerFirst: false,
};
const placesOf = (id: string) => ({
  redirectUri: `https://mail.clinic.test/sso/${id}/callback`,
  backChannelLogoutUri: `https://mail.clinic.test/sso/${id}/back-channel-logout`,
  keysUri: `https://mail.clinic.test/sso/${id}/keys`,
  entityId: `https://mail.clinic.test/sso/${id}/metadata`,
  acsUrl: `https://mail.clinic.test/sso/${id}/acs`,
  logoutUrl: `https://mail.clinic.test/sso/${id}/logout`,
});
const common = (id: string) => ({
  id,
  rules,
  places: placesOf(id),
  startUrl: `https://mail.clinic.test/sso/${id}/start`,
  createdAt: '2026-11-01T08:00:00.000Z',
  changedAt: '2026-11-02T08:00:00.000Z',
});

export const ssoConnections: readonly SsoConnection[] = [
  {
    ...common('0193a0c0-77aa-7000-8000-000000000001'),
    ...{
      kind: 'oidc',
      name: 'Riverside Clinic',
      live: true,
      domains: ['clinic.test'],
      enforced: true,
      exempt: [],
    },
    provider: {
      ...{ kind: 'oidc', issuer: 'https://login.clinic.test/realms/staff', clientId: 'sealpost' },
      ...{
        method: 'client_secret_basic',
        scopes: ['email', 'profile', 'groups'],
        userInfo: true,
        secretKept: true,
      },
    },
  },
  {
    ...common('0193a0c0-77aa-7000-8000-000000000002'),
    ...{ kind: 'saml', name: 'Hospital group', live: false, domains: [], enforced: false, exempt: [] },
    provider: {
      ...{
        kind: 'saml',
        entityId: 'https://idp.group.test/metadata',
        signInUrl: 'https://idp.group.test/sso',
      },
      signOutUrl: null,
      certificates: [
        {
          pem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
          fingerprint: 'AA:BB',
          notAfter: '2026-12-05T00:00:00.000Z',
        },
      ],
    },
  },
];

export const ssoTry: SsoTry = {
  result: {
    ...{ outcome: 'refused', reason: 'above-ceiling', subject: 'b1946ac9' },
    ...{ roles: ['nurse'], groups: ['ward-nurses'], methods: ['pwd', 'mfa'] },
    claims: [
      { name: 'email', values: ['maria@clinic.test'] },
      { name: 'groups', values: ['ward-nurses', 'secure-mail'] },
    ],
  },
};
