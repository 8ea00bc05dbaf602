import type { OrganisationId } from '#core/ids';
import type { NoticeIdentity } from '#journey/conveyor';
import type { Directory } from './directory.ts';
import type { PublicAddresses } from './open-system.ts';

/** How an organisation signs its notices; the neutral form names only the installation's host. */
export async function noticeIdentity(
  directory: Directory,
  addresses: PublicAddresses,
  organisation: OrganisationId,
): Promise<NoticeIdentity> {
  const facts = await directory.facts(organisation);
  const host = new URL(addresses.portal).hostname;
  return {
    organisationName: facts.name,
    from: { local: 'no-reply', domain: facts.domains[0] ?? host, name: facts.name },
    neutralFrom: { local: 'no-reply', domain: host, name: null },
    portalUrl: addresses.portal,
    hostName: host,
  };
}
