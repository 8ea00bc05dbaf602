import { trustOf } from '#journey/5-deliver';
import type { ApiPorts } from '../routes.ts';
import { privateHosts } from './inbound.ts';
import type { SystemParts } from './open-system.ts';

/** Hands the settings of the inbound road what they need. */
export function inboundPorts(
  parts: SystemParts,
  labelActor: ApiPorts['inbound']['labelActor'],
): ApiPorts['inbound'] {
  const { foundation, world, directory } = parts;
  return {
    inbound: parts.inbound,
    domains: async ({ organisation }) => (await directory.facts(organisation)).domains,
    listener: () => ({
      host: new URL(parts.addresses.console).hostname,
      port: parts.listening.inbound,
    }),
    look: {
      network: world.network,
      hostName: new URL(parts.addresses.console).hostname,
      mayConnect: privateHosts(foundation),
      async verifier(host, port) {
        // As delivery has it: the domain's MTA-STS policy is about the hosts of its MX, which this is not.
        const question = { domain: host, hosts: [host], secure: port === 25 };
        const [trust] = (await trustOf(question, world.network(), null)).trusts;
        return trust?.kind === 'open' ? trust.verifier : null;
      },
    },
    labelActor,
  };
}
