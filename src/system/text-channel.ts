import type { OrganisationId } from '#core/ids';
import { portalLink } from '#platform/mail';
import { createGateways, createTexts, type Gateways, type TextGateway, type Texts } from '#platform/text';
import type { Portal } from '#products/portal';
import { createPickups, createRecipients, type Pickups, type Recipients } from '#products/recipients';
import type { Foundation } from './foundation.ts';
import type { Job } from './jobs.ts';
import type { PublicAddresses } from './open-system.ts';
import type { World } from './world.ts';

/** Texts to recipients, their gateways, and the records that hold numbers and questions. */
export interface TextChannel {
  readonly texts: Texts;
  readonly gateways: Gateways;
  /** Where this organisation's texts are handed over now; null where nobody has set up a gateway. */
  inForce(organisation: OrganisationId): Promise<TextGateway | null>;
  readonly recipients: Recipients;
  /** What is done about copies that nobody opens. */
  readonly pickups: Pickups;
  readonly jobs: readonly Job[];
}

/** In the sandbox every text goes to its telephones, whatever gateway is set up. */
export function openTextChannel(
  foundation: Foundation,
  world: World,
  addresses: PublicAddresses,
  portalViews: Portal['deliveryViews'],
): TextChannel {
  const { database, vault, audit, clock, logger, record } = foundation;
  const gateways = createGateways({ database, vault, clock, fetch: world.fetch });
  const inForce = async (organisation: OrganisationId) =>
    world.texts()?.gateway ?? (await gateways.inForce(organisation));
  const texts: Texts = createTexts({
    database,
    vault,
    audit,
    clock,
    logger,
    number: (tx, organisation, to) => recipients.number(tx, organisation, to),
    gateway: inForce,
    link: (token) => portalLink(addresses.portal, token),
  });
  const recipients = createRecipients({ database, vault, audit, clock, stops: texts });
  const pickups = createPickups({
    ...{ database, vault, audit, clock, logger, recipients, portalViews },
    sendNotice: (tx, notice, giveUpAt) => record.sendNotice(tx, { notice, giveUpAt }),
    sendText: texts.send,
  });
  return {
    texts,
    gateways,
    inForce,
    recipients,
    pickups,
    jobs: [{ name: 'send-texts', everyMs: 1_000, run: () => texts.run() }],
  };
}
