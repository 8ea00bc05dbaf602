import type { Caller } from '#core/actor';
import { decide } from '#journey/3-decide';
import { createPolicyStore } from '#journey/5-deliver';
import type { Transaction } from '#platform/database';
import { createMtaSts } from '#platform/net';
import { totpPicture } from '#products/organisations';
import type { ApiPorts } from '../routes.ts';
import { auditPorts } from './audit-ports.ts';
import { followUps } from './follow-ups.ts';
import { inboundPorts } from './inbound-ports.ts';
import { labelActor } from './label-actor.ts';
import type { SystemParts } from './open-system.ts';
import { organisationPorts } from './organisation-ports.ts';
import { pathChecks } from './path-checks.ts';
import { provisioningPorts } from './provisioning-ports.ts';
import { publicKeys } from './public-keys.ts';
import { OFFERED } from './road.ts';
import { safeguardPorts } from './safeguard-ports.ts';
import { sandboxView } from './sandbox-view.ts';
import { startOfDay } from './start-of-day.ts';

/** Hands each product what it needs. */
export function apiPorts(parts: SystemParts): ApiPorts {
  const { foundation, world, directory, policies, portal, intake } = parts;
  const { database, vault, blobs, audit, clock, keyring, access } = foundation;
  const { smime, text } = parts;
  const label = (caller: Caller, actor: Caller['actor']) => labelActor(access, caller, actor);
  return {
    organisations: organisationPorts(parts),
    roles: { access },
    account: { access, totpPicture },
    safeguards: safeguardPorts(foundation, parts.monitoring),
    certificates: { database, audit, clock, ...smime },
    policies: { policies, offered: () => OFFERED, labelActor: label },
    analyser: {
      ...{ database, audit, vault },
      policy: (organisation) => policies.current(organisation),
      check: {
        network: world.network,
        hostName: new URL(parts.addresses.console).hostname,
        decide,
        offered: () => OFFERED,
        pathChecks: pathChecks(world.network, createMtaSts({ store: createPolicyStore(database), clock })),
        // As delivery has it: a smart host takes live mail only.
        smartHost: () => (world.mode() === 'live' ? (foundation.config.smartHost?.host ?? null) : null),
      },
    },
    inbound: inboundPorts(parts, label),
    provisioning: provisioningPorts(parts),
    signOn: parts.signOn,
    monitoring: { monitoring: parts.monitoring, labelActor: label },
    securityScore: { score: parts.securityScore, labelActor: label },
    waivers: { waivers: parts.waivers, labelActor: label },
    recipients: { recipients: text.recipients, letters: text.pickups, labelActor: label },
    texts: {
      ...{ database, vault, audit, labelActor: label },
      gateways: text.gateways,
      inForce: text.inForce,
      sandbox: () => world.texts() !== null,
      stopped: text.texts.stopped,
      textNotices: access.organisations.textNotices,
      async setTextNotices(caller, on) {
        await access.organisations.setTextNotices(caller, on);
        directory.forget(caller.organisation);
      },
      locale: async (organisation) => (await directory.facts(organisation)).locale,
    },
    portalDelegation: { delegations: portal.delegations, portalUrl: () => parts.addresses.portal },
    caregivers: { caregivers: portal.caregivers, labelActor: label },
    pdfPasswords: { passwords: parts.pdfPasswords, labelActor: label },
    pdfSettings: { database, audit, clock, textPossible: () => parts.texts !== null },
    audit: auditPorts(parts, label),
    keys: {
      keys: parts.pgp.keys,
      ownKeys: parts.pgp.ownKeys,
      published: parts.pgp.published,
      labelActor: label,
    },
    sandboxMail: {
      world(organisation) {
        const [sandbox, post] = [world.sandbox(), world.post()];
        if (!sandbox || !post) return null;
        return sandboxView(sandbox, {
          texts: () => world.texts()?.texts(organisation) ?? [],
          shown: (bytes) => post.sentBy(organisation, bytes),
          senderKey: () => parts.pgp.ownKey(organisation),
        });
      },
    },
    messages: {
      database,
      vault,
      blobs,
      audit,
      clock,
      hostName: new URL(parts.addresses.console).hostname,
      submit: (caller, { sender, recipients, content, options }) =>
        intake.submit(caller, { sender, recipients }, content, {
          ...options,
          source: 'api',
          protocol: 'HTTPS',
        }),
      async defaultSender(caller) {
        const facts = await directory.facts(caller.organisation);
        const [domain] = facts.domains;
        if (domain === undefined) throw new Error('an organisation has no sending domain');
        if (caller.actor.kind === 'person') {
          const person = await access.members.person(caller.actor.identity);
          const [local, at] = person?.address.split('@') ?? [];
          if (person && local && at === domain) return { local, domain, name: person.displayName };
        }
        return { local: 'office', domain, name: facts.name };
      },
      portalViews: (tx, organisation, deliveries) => portal.deliveryViews(tx, organisation, deliveries),
      followUps: (tx, organisation, deliveries) => followUps(text, tx, organisation, deliveries),
      portalWriters: (tx, organisation, people) => portal.personAddresses(tx, organisation, people),
      unlockInPortal: (caller, message, delivery) => portal.unlock(caller, message, delivery),
      retractFromPortal: (tx, organisation, message) => portal.retract(tx, organisation, message),
      async proofKey(tx: Transaction, organisation, key) {
        const signer = await keyring.signer(tx, organisation, 'proof');
        if (signer.keyId !== key) return null;
        return signer.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      },
      proofInLog: (tx, organisation, proof) => audit.proveEntry(tx, organisation, proof),
      publicKeys: (tx, organisation) => publicKeys(keyring, tx, organisation),
      async organisationName(organisation) {
        return (await directory.facts(organisation)).name;
      },
      labelActor: label,
      requireCare: (tx, caller, message) => access.care.requireContent(tx, caller, message),
      async startOfDay(organisation) {
        return startOfDay(clock.now(), (await directory.facts(organisation)).timeZone);
      },
    },
  };
}
