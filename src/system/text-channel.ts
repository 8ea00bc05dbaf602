import { portalLink } from '#platform/mail';
import { createGateways, createTexts, type Gateways, type Texts } from '#platform/text';
import { createRecipients, type Recipients } from '#products/recipients';
import type { Foundation } from './foundation.ts';
import type { Job } from './jobs.ts';
import type { PublicAddresses } from './open-system.ts';
import type { World } from './world.ts';

/** Texts to recipients, their gateways, and the records that hold numbers and questions. */
export interface TextChannel {
  readonly texts: Texts;
  readonly gateways: Gateways;
  readonly recipients: Recipients;
  readonly jobs: readonly Job[];
}

/** In the sandbox every text goes to its telephones, whatever gateway is set up. */
export function openTextChannel(
  foundation: Foundation,
  world: World,
  addresses: PublicAddresses,
): TextChannel {
  const { database, vault, audit, clock, logger } = foundation;
  const gateways = createGateways({ database, vault, clock, fetch: world.fetch });
  const texts: Texts = createTexts({
    database,
    vault,
    audit,
    clock,
    logger,
    number: (tx, organisation, to) => recipients.number(tx, organisation, to),
    gateway: async (organisation) => world.texts()?.gateway ?? gateways.inForce(organisation),
    link: (token) => portalLink(addresses.portal, token),
  });
  const recipients = createRecipients({ database, vault, audit, clock, stops: texts });
  return {
    texts,
    gateways,
    recipients,
    jobs: [{ name: 'send-texts', everyMs: 1_000, run: () => texts.run() }],
  };
}
