import { generateKeyPairSync } from 'node:crypto';
import { call } from './tenant-doors.ts';
import type { WebClient } from './web-client.ts';

/** What `furnishFurther` makes, by what it is the id of. */
export type FurtherKind =
  | 'factor'
  | 'oauth client'
  | 'access review item'
  | 'role'
  | 'group'
  | 'role assignment'
  | 'care relationship'
  | 'openpgp key'
  | 'own openpgp key'
  | 'single sign-on connection'
  | 'patient portal'
  | 'caregiver'
  | 'audit review'
  | 'audit evidence'
  | 'audit filter'
  | 'incident'
  | 'alert rule'
  | 'alert rule try'
  | 'alert channel'
  | 'directory connection'
  | 'directory person'
  | 'directory group';

interface Given {
  readonly browser: WebClient;
  readonly csrf: Readonly<Record<string, string>>;
  readonly canary: string;
  readonly domain: string;
  readonly member: string;
  /** Who signs in here: an administrator. */
  readonly self: string;
  readonly account: string;
  readonly accessReview: string;
}

type Made = { readonly id: string };

/** The things that administrators and overseers make, beside those that messages need: one of each. */
export async function furnishFurther(
  given: Given,
  scim: WebClient,
): Promise<Readonly<Record<FurtherKind, string>>> {
  const { browser, csrf, canary, domain, member } = given;
  const make = async (path: string, body?: object, wanted = 201): Promise<string> =>
    (await call<Made>(browser, 'POST', path, wanted, { headers: csrf, ...(body && { body }) })).id;
  const firstOf = async (path: string, list: string): Promise<string> => {
    const answer = await call<Record<string, readonly Made[]>>(browser, 'GET', path, 200);
    const id = answer[list]?.[0]?.id;
    if (id === undefined) throw new Error(`there is nothing at ${path}`);
    return id;
  };
  const role = await make('/v1/roles', { name: `Role ${canary}`, permissions: ['messages:read'] });
  const person = { kind: 'identity', id: member };
  const people = await make('/v1/care-relationships', {
    ...{ subject: person, address: `patient.${canary}@good-tls.test`, since: '2026-01-01T00:00:00Z' },
  });
  const keyPath = '/v1/openpgp-key';
  const ownKey = await call<Made & { address: string; publicKey: string }>(browser, 'GET', keyPath, 200);
  const { channel } = await call<{ channel: Made }>(browser, 'POST', '/v1/alert-channels', 201, {
    headers: csrf,
    body: { to: { kind: 'mail', label: `Desk ${canary}`, people: [given.self] }, active: false },
  });
  const portalPath = '/v1/organisation/portal-delegation';
  const { delegation } = await call<{ delegation: Made }>(browser, 'PUT', portalPath, 200, {
    headers: csrf,
    body: {
      ...{ name: `Portal ${canary}`, mode: 'off', provider: null },
      rules: { claim: 'email', names: 'address', verified: true, strong: [] },
    },
  });
  const overseen = await oversee(make, canary, member);
  const report = `/v1/audit-evidence/${overseen['audit evidence']}/file`;
  await call(browser, 'PUT', report, 200, {
    headers: { ...csrf, 'content-type': 'application/octet-stream' },
    body: Buffer.from(canary),
  });
  return {
    ...overseen,
    'alert channel': channel.id,
    role,
    factor: await firstOf('/v1/account', 'factors'),
    'oauth client': await make('/v1/oauth-clients', {
      ...{ label: `Client ${canary}`, permissions: ['messages:read'], serviceAccount: given.account },
      keys: { jwks: { keys: [publicKey()] } },
    }),
    'access review item': await firstOf(`/v1/access-reviews/${given.accessReview}/items`, 'items'),
    group: await make('/v1/groups', { name: `Group ${canary}` }),
    'role assignment': await make('/v1/role-assignments', { subject: person, role }),
    'care relationship': people,
    'own openpgp key': ownKey.id,
    // The organisation's own key serves as that of a correspondent: any good one does.
    'openpgp key': await make('/v1/openpgp-keys', { address: ownKey.address, key: ownKey.publicKey }),
    'single sign-on connection': await make('/v1/sso-connections', { kind: 'oidc', name: `Way ${canary}` }),
    'patient portal': delegation.id,
    caregiver: await make('/v1/caregivers', {
      patientAddress: `patient.${canary}@good-tls.test`,
      caregiverAddress: `carer.${canary}@good-tls.test`,
      ...{ label: canary, reason: `asked for ${canary}`, relation: 'family' },
    }),
    'directory connection': await make('/v1/provisioning/connections', directory(canary)),
    ...(await provision(scim, canary, domain)),
  };
}

function publicKey(): object {
  const { publicKey: made } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...made.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
}

async function oversee(
  make: (path: string, body?: object, wanted?: number) => Promise<string>,
  canary: string,
  member: string,
) {
  const definition = {
    ...{ match: { actions: ['session.started'] }, by: 'account' },
    detector: { kind: 'count', measure: { of: 'entries' }, threshold: 9_999, windowSeconds: 600 },
  };
  return {
    'audit review': await make('/v1/audit-reviews'),
    'audit evidence': await make('/v1/audit-evidence', {
      ...{ source: `Firewall ${canary}`, fileName: `${canary}.txt` },
      ...{ periodFrom: '2026-01-01', periodUntil: '2026-01-31' },
    }),
    'audit filter': await make('/v1/audit-filters', {
      ...{ name: `Filter ${canary}`, shared: true, wanted: { actor: member } },
    }),
    incident: await make('/v1/incidents', { title: `Incident ${canary}`, severity: 'low', note: canary }),
    'alert rule': await make('/v1/alert-rules', { name: `Rule ${canary}`, severity: 'low', definition }),
    'alert rule try': await make('/v1/alert-rules/try', { definition, days: 1 }, 202),
  } satisfies Partial<Record<FurtherKind, string>>;
}

/** Off, so that nothing asks it. */
function directory(canary: string): object {
  return {
    ...{ name: `Directory ${canary}`, host: 'ldap.invalid', port: 636, security: 'ldaps', authorities: '' },
    ...{ bindDn: `cn=${canary}`, password: canary, enabled: false, groups: null },
    people: {
      ...{ base: `dc=${canary}`, filter: '(mail=*)' },
      attributes: {
        ...{ id: 'entryUUID', userName: 'mail', displayName: 'cn', givenName: 'givenName', familyName: 'sn' },
        ...{ phone: null, disabled: 'none' },
      },
    },
  };
}

/** A person and a group as a directory brings them. */
async function provision(scim: WebClient, canary: string, domain: string) {
  const add = async (kind: 'User' | 'Group', body: object): Promise<string> => {
    const schemas = [`urn:ietf:params:scim:schemas:core:2.0:${kind}`];
    return (await call<Made>(scim, 'POST', `/scim/v2/${kind}s`, 201, { body: { schemas, ...body } })).id;
  };
  const person = await add('User', {
    ...{ userName: `ward.${canary}@${domain}`, displayName: `Ward ${canary}`, externalId: canary },
  });
  return {
    'directory person': person,
    'directory group': await add('Group', { displayName: `Ward ${canary}`, members: [{ value: person }] }),
  };
}
