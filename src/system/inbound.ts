import { randomUUID } from 'node:crypto';
import type { OrganisationId } from '#core/ids';
import { createInboundListener, type InboundListener, submitInbound, trustedPeers } from '#journey/1-intake';
import { decideInbound } from '#journey/3-decide';
import { createHandOver } from '#journey/4-protect';
import type { InboundStage } from '#journey/conveyor';
import type { Transaction } from '#platform/database';
import { selfSignedCertificate } from '#platform/keyring';
import { describeFault } from '#platform/runtime';
import { learnFromSignedMail } from '#products/certificates';
import type { Inbound } from '#products/inbound';
import { listening } from './cannot-listen.ts';
import type { Foundation } from './foundation.ts';
import type { SystemParts } from './open-system.ts';
import type { Pgp } from './pgp.ts';
import type { Smime } from './smime.ts';
import type { World } from './world.ts';

export interface InboundRoadNeeds {
  readonly foundation: Foundation;
  readonly world: World;
  readonly inbound: Inbound;
  readonly pgp: Pick<Pgp, 'keys' | 'ownKeys'>;
  readonly smime: Smime;
  readonly hostName: string;
}

/** Private networks in which the operator lets organisations' own mail servers stand. */
export function privateHosts({ config }: Foundation): (address: string) => boolean {
  const networks = trustedPeers(config.inbound.hostNetworks);
  return (address) => networks.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

/** The stages for messages from outside: where they go, and how they are opened. */
export function inboundStage(needs: InboundRoadNeeds): InboundStage {
  const { foundation, world, inbound, pgp, smime, hostName } = needs;
  const { clock, logger } = foundation;
  const mayConnect = privateHosts(foundation);
  const handOver = createHandOver({
    hostName,
    pgp: (organisation) => ({
      keys: () => pgp.ownKeys.decryptionKeys(organisation),
      senderKey: async (author) => {
        const found = await pgp.keys.known(organisation, author);
        return found.kind === 'key' ? found.key.key : null;
      },
      now: () => clock.now(),
    }),
    smime: (organisation) => ({
      keys: async () => {
        const own = await smime.certificates.signing(organisation);
        return own === null ? [] : [own];
      },
      standing: (signer, author) =>
        smime.certificates.standing(organisation, signer, `${author.local}@${author.domain}`, 'sign', true),
    }),
    async learn(organisation, { author, signer, autocrypt, date, authenticated }) {
      try {
        if (signer !== null)
          await learnFromSignedMail({ ...foundation, ...smime }, organisation, author, signer);
        if (autocrypt.length > 0)
          await pgp.keys.learnAutocrypt(organisation, {
            from: author,
            fields: autocrypt,
            date,
            authenticated,
          });
      } catch (error) {
        logger.warn('inbound.not-learned', { ...describeFault(error), organisation });
      }
    },
  });
  return {
    decide: decideInbound,
    async host(organisation, domain) {
      const row = await inbound.hostOf(organisation, domain);
      return row === null ? null : { host: row.host, port: row.port, mayConnect };
    },
    async prepare(message, content, recipient) {
      const ready = await handOver.prepare(message, content, recipient);
      await world.post()?.note(message.organisation, ready.content);
      return ready;
    },
  };
}

/** Opens the listener for mail from outside; null where it is off. In the sandbox it is on, on loopback. */
export async function openInboundListener(parts: SystemParts): Promise<InboundListener | null> {
  const { foundation, world, inbound, policies } = parts;
  const { config, clock, logger, vault, blobs, record, database, audit } = foundation;
  const configured = config.inbound.port;
  if (configured === undefined && world.mode() !== 'sandbox') return null;
  const hostName = new URL(parts.addresses.console).hostname;
  const ports = { vault, blobs, record, policies, clock, hostName, network: world.network };
  const listener = createInboundListener({
    submit: (letter, content) => submitInbound<Transaction>(ports, letter, content),
    organisationOf: (domain) => inbound.organisationOf(domain),
    reserveOk: () => blobs.reserveOk(),
    // The sandbox's own listener ends with it: what was not asked for by a setting must not take real mail.
    accepting: () => configured !== undefined || world.mode() === 'sandbox',
    async refused(organisation: OrganisationId, address, code, reason) {
      await database.tenant([organisation], 'app', (tx) =>
        audit.append(tx, {
          organisation,
          action: 'inbound.refused',
          actor: { kind: 'system', component: 'inbound' },
          origin: { address, channel: 'smtp' },
          result: 'refused',
          subjects: [],
          details: { code, reason },
          sealedReference: null,
          request: randomUUID(),
        }),
      );
    },
    clock,
    logger,
    certificate: config.tls.smtp ?? (await selfSignedCertificate(hostName, clock.now())),
    hostName,
    address: configured === undefined ? '127.0.0.1' : config.listen.address,
    port: configured ?? 0,
    networks: config.inbound.networks,
    trustedProxies: config.trustedProxies,
  });
  await listening('SEALPOST_INBOUND_PORT', config.listen.address, listener.listen());
  return listener;
}
