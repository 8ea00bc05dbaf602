import { addressAllowed, isNetwork } from '#platform/access';
import { createLogoutTokens, createOidc, createSaml, type ProviderFetch } from '#platform/federation';
import { safeFetch } from '#platform/net';
import { ConfigProblem } from '#platform/runtime';
import type { SignOnNeeds } from '#products/single-sign-on';
import type { Foundation } from './foundation.ts';
import type { PublicAddresses } from './open-system.ts';
import type { World } from './world.ts';

/**
 * What single sign-on stands on. Providers stand at public addresses, or in networks that the operator has named: an administrator of
 * an organisation must not reach what else listens inside. In the sandbox a provider on this machine's loopback is reached
 * too, also without TLS, so that the whole road can be tried.
 */
export function signOnNeeds(
  { config, database, vault, audit, clock, access }: Foundation,
  world: World,
  addresses: PublicAddresses,
): SignOnNeeds {
  const { signOnNetworks } = config;
  if (!signOnNetworks.every(isNetwork)) {
    throw new ConfigProblem('SEALPOST_SIGN_ON_NETWORKS', 'must be a list of addresses or CIDR ranges');
  }
  const named = (address: string): boolean =>
    signOnNetworks.length > 0 && addressAllowed(address, signOnNetworks);
  const fetch: ProviderFetch = (url, options) => {
    const { resolver, mayConnect, extraRoots } = world.network();
    const network = { resolver, extraRoots, mayConnect: (to: string) => named(to) || mayConnect(to) };
    return safeFetch(url, { ...options, network });
  };
  const allowHttp = (): boolean => world.sandbox() !== null;
  const ports = { fetch, allowHttp, monotonic: () => clock.monotonic() };
  return {
    ...{ database, vault, audit, clock, access, fetch, allowHttp, addresses },
    oidc: createOidc(ports),
    saml: createSaml(),
    logoutTokens: createLogoutTokens(ports),
  };
}
