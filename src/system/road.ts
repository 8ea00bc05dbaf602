import type { DeliveryId, OrganisationId } from '#core/ids';
import type { Method } from '#core/method';
import type { PortalPort } from '#core/portal';
import type { Protector } from '#core/protection';
import { decide, validatePolicy } from '#journey/3-decide';
import {
  createSealing,
  type PgpPorts,
  protectUnderWaiver,
  protectWithPdf,
  protectWithPgp,
  protectWithPortal,
  protectWithSmime,
  protectWithTls,
} from '#journey/4-protect';
import {
  createDeliver,
  createPolicyStore,
  createTlsResults,
  LIVE_SCHEDULE,
  nextTry,
  SANDBOX_SCHEDULE,
  type TlsReporter,
} from '#journey/5-deliver';
import { conclude, concludeNotice } from '#journey/6-track';
import {
  type Conveyor,
  type ConveyorLimits,
  createConveyor,
  type DeliverStage,
  type NoticeIdentity,
  type Point,
} from '#journey/conveyor';
import type { Transaction } from '#platform/database';
import { buildNotice } from '#platform/mail';
import { openMessageById } from '#platform/record';
import { describeFault } from '#platform/runtime';
import type { PdfPasswords } from '#products/pdf-passwords';
import { createPolicies, type Policies } from '#products/policies';
import { createWaivers, type Waivers } from '#products/waivers';
import type { Foundation } from './foundation.ts';
import type { Job } from './jobs.ts';
import type { Smime } from './smime.ts';
import { openTlsReporter } from './tls-reporter.ts';
import { transportJobs } from './transport-jobs.ts';
import type { World } from './world.ts';

export interface RoadNeeds {
  readonly foundation: Foundation;
  readonly world: World;
  readonly portal: PortalPort<Transaction>;
  readonly policies: Policies;
  readonly pgp: Omit<PgpPorts, 'clock' | 'sealing'>;
  readonly smime: Smime;
  readonly pdfPasswords: Pick<PdfPasswords, 'find'>;
  readonly waivers: Pick<Waivers, 'valid'>;
  readonly hostName: string;
  noticeIdentity(organisation: OrganisationId): Promise<NoticeIdentity>;
  /** Named points of the road, for the crash proof. */
  reach(point: Point, delivery?: DeliveryId): void;
  readonly limits: ConveyorLimits;
}

/** The stages from decide to track on the conveyor. */
export interface Road {
  readonly conveyor: Conveyor;
  /** What the worker role does for transport beside the conveyor. */
  readonly jobs: readonly Job[];
  /** Null where nobody has said who reports. */
  readonly tlsReporter: TlsReporter | null;
  close(graceMs: number): Promise<void>;
}

/** The methods that are built. Whether one can protect a certain recipient is found out at delivery. */
export const OFFERED: readonly Method[] = ['tls', 'pgp', 'smime', 'pdf', 'portal', 'waiver'];

export function openWaivers({ database, vault, audit, clock }: Foundation): Waivers {
  return createWaivers({ database, vault, audit, clock });
}

export function openPolicies(foundation: Foundation, waivers: Pick<Waivers, 'valid'>): Policies {
  const { database, vault, audit, clock } = foundation;
  return createPolicies({
    database,
    vault,
    audit,
    clock,
    decide,
    validate: validatePolicy,
    offered: () => OFFERED,
    waiver: async (organisation, address) => (await waivers.valid(organisation, address)) !== null,
  });
}

export function openRoad(needs: RoadNeeds): Road {
  const { foundation, world } = needs;
  const { record, clock, logger, database, vault, keyring, config } = foundation;
  const results = createTlsResults(database, clock);
  const policies = createPolicyStore(database);
  const deliver = createDeliver({
    network: world.network,
    policies,
    results,
    clock,
    hostName: needs.hostName,
    smartHost: () => smartHostOf(foundation, world),
  });
  const stage: DeliverStage = {
    send: (request) => deliver.send(request),
    async sign(organisation, domain, content) {
      // The hot path signs each message: a transaction only where the keys are not at hand.
      const keys =
        keyring.keptDkimKeys(organisation, domain) ??
        (await database.tenant([organisation], 'worker', (tx) => keyring.dkimKeys(tx, organisation, domain)));
      await world.post()?.note(organisation, content);
      return keys.length > 0 ? deliver.sign(content, keys) : content;
    },
    busyDestinations: () => deliver.busyDestinations(),
    nextTry: (attempts) =>
      nextTry(attempts, Math.random, world.mode() === 'sandbox' ? SANDBOX_SCHEDULE : LIVE_SCHEDULE),
  };
  const sealing = createSealing();
  const pdf = protectWithPdf({
    password: (organisation, address) => needs.pdfPasswords.find(organisation, address),
    hostName: needs.hostName,
  });
  const protectors: Protector[] = [
    protectWithTls,
    protectWithPgp({ ...needs.pgp, clock, sealing }),
    protectWithSmime(needs.smime.certificates, sealing, () => clock.now()),
    pdf,
    protectWithPortal(needs.portal),
    protectUnderWaiver(needs.waivers.valid),
  ];
  const conveyor = createConveyor(
    {
      record,
      portal: needs.portal,
      protectors: new Map(protectors.map((one) => [one.method, one])),
      deliver: stage,
      decide,
      currentPolicy: (organisation) => needs.policies.current(organisation),
      waiver: async (organisation, address) => (await needs.waivers.valid(organisation, address)) !== null,
      noticeIdentity: needs.noticeIdentity,
      buildNotice: (notice, neutral, identity) => {
        const bytes = buildNotice(notice, {
          neutral,
          organisationName: identity.organisationName,
          portalUrl: identity.portalUrl,
          from: neutral ? identity.neutralFrom : identity.from,
          hostName: identity.hostName,
        });
        world.post()?.noteBytes(notice.organisation, bytes);
        return bytes;
      },
      loadMessage: (organisation, message) => openMessageById({ database, vault }, organisation, message),
      conclude,
      concludeNotice,
      clock,
      logger,
      reach: needs.reach,
    },
    { ...needs.limits, concurrency: config.workerConcurrency },
  );
  const tlsReporter = openTlsReporter({ foundation, world, deliver, policies });
  return {
    conveyor,
    tlsReporter,
    jobs: transportJobs({ database, clock, logger, world, deliver, results, reporter: tlsReporter }),
    async close(graceMs) {
      await conveyor.stop(graceMs);
      await Promise.all([deliver.close(), sealing.close()]);
      await results.flush().catch((error: unknown) => {
        logger.error('tls-results-not-written', describeFault(error));
      });
    },
  };
}

/** A smart host takes live mail only: the sandbox never leaves this machine. */
function smartHostOf(foundation: Foundation, world: World) {
  const { smartHost } = foundation.config;
  if (!smartHost || world.mode() === 'sandbox') return null;
  const { host, port, user, password } = smartHost;
  return {
    host,
    port,
    credentials: user !== undefined && password !== undefined ? { user, password } : null,
    implicitTls: port === 465,
  };
}
