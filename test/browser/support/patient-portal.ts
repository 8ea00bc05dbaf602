import type { Caller } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { RunningSystem } from '../../../src/system/run-system.ts';
import { type OidcIdp, startOidcIdp } from '../../support/oidc-idp.ts';

/** A patient portal of the organisation's own, which signs in whoever is its `person` without being asked. */
export async function openPatientPortal(
  { parts }: RunningSystem,
  organisation: string,
): Promise<{ readonly id: string; readonly idp: OidcIdp }> {
  const caller: Caller = {
    organisation: organisation as OrganisationId,
    actor: { kind: 'system', component: 'test' },
    origin: { address: null, channel: 'cli' },
    permissions: new Set(['organisation:write']),
    request: 'test',
  };
  const rules = { claim: 'email', names: 'address', verified: true, strong: [] as string[] } as const;
  const change = { name: 'MyChart', rules: { ...rules, strong: [...rules.strong] } };
  const { delegations } = parts.portal;
  const { id } = (await delegations.set(caller, { ...change, mode: 'off', provider: null })).row;
  const idp = await startOidcIdp(() => [`${parts.addresses.portal}/portal/${id}/callback`]);
  const { client, issuer } = idp;
  await delegations.set(caller, {
    ...{ ...change, mode: 'beside' },
    provider: {
      ...{ issuer, clientId: client.id, secret: client.secret, method: 'client_secret_basic' },
      ...{ scopes: ['email'], userInfo: true },
    },
  });
  return { id, idp };
}
