import { Refusal } from '#core/errors';
import type { DeliveryId, OrganisationId, TextId } from '#core/ids';
import type { NetworkProfile } from '#core/network';
import type { TextPort } from '#core/text';
import { createIntake, type Intake } from '#journey/1-intake';
import type { ConveyorLimits, Point } from '#journey/conveyor';
import { accessScopes, hasAccess } from '#platform/access';
import type { Transaction } from '#platform/database';
import { createPdfRenderer } from '#platform/pdf';
import { takeFromHour } from '#platform/record';
import { type Config, type Logger, newId } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { createInbound, type Inbound } from '#products/inbound';
import type { Monitoring } from '#products/monitoring';
import { createPdfPasswords, createPdfSendings, type PdfPasswords } from '#products/pdf-passwords';
import type { Policies } from '#products/policies';
import { createPortal, type Portal } from '#products/portal';
import type { SecurityScore } from '#products/security-score';
import type { SignOnNeeds } from '#products/single-sign-on';
import type { Waivers } from '#products/waivers';
import { auditJobs } from './audit-jobs.ts';
import { type Directory, openDirectory } from './directory.ts';
import { followInstallation } from './follow-installation.ts';
import { type Foundation, openFoundation } from './foundation.ts';
import { inboundStage } from './inbound.ts';
import { type RunningJobs, startJobs } from './jobs.ts';
import { keyJobs } from './key-jobs.ts';
import { monitoringJobs, openMonitoring } from './monitoring.ts';
import { noticeIdentity } from './notice-identity.ts';
import { openPgp, type Pgp } from './pgp.ts';
import { openPolicies } from './policy-doors.ts';
import { portalNeeds } from './portal-needs.ts';
import { portalWishes } from './portal-wishes.ts';
import { provisioningJobs } from './provisioning-ports.ts';
import { openRoad, openWaivers, type Road } from './road.ts';
import { openSecurityScore, securityScoreJobs } from './security-score.ts';
import { signOnNeeds } from './sign-on-needs.ts';
import { directoryNetwork, openSmime, type Smime } from './smime.ts';
import { openTextChannel, type TextChannel } from './text-channel.ts';
import { withTextNotices } from './text-notices.ts';
import { workerJobs } from './worker-jobs.ts';
import { openWorld, type World } from './world.ts';

export interface SystemHooks {
  /** Named points of the road; the crash proof stops the process at them. Nothing in production. */
  reach(point: Point, delivery?: DeliveryId): void;
  readonly limits?: Partial<ConveyorLimits>;
  /** Database files without flushes, for throw-away installations of tests. */
  readonly volatile?: boolean;
  /** The world as delivery sees it, in place of the sandbox and the live one: proofs bring their own peers. */
  readonly network?: NetworkProfile;
  /** Texts to recipients, where there is no room of this installation for them. */
  readonly texts?: TextPort<Transaction>;
  /** Puts something between the rooms and the vault. For the proof that a leak would be found; nothing in production. */
  wrapVault?(vault: Vault): Vault;
}

/** All rooms wired together, with nothing listening and nothing running yet. */
export interface SystemParts {
  readonly foundation: Foundation;
  readonly world: World;
  readonly directory: Directory;
  readonly policies: Policies;
  readonly pdfPasswords: PdfPasswords;
  /** Null where this installation cannot send texts. */
  readonly texts: TextPort<Transaction> | null;
  readonly waivers: Waivers;
  readonly inbound: Inbound;
  readonly monitoring: Monitoring;
  readonly securityScore: SecurityScore;
  readonly portal: Portal;
  /** Texts to recipients, and what staff keep of them. */
  readonly text: TextChannel;
  readonly pgp: Pgp;
  readonly intake: Intake<Transaction>;
  readonly smime: Smime;
  /** Single sign-on. */
  readonly signOn: SignOnNeeds;
  readonly road: Road;
  /** Public addresses as they are now. */
  readonly addresses: PublicAddresses;
  /** SMTP ports that this process listens on; null for none. */
  readonly listening: { submission: number | null; submissions: number | null; inbound: number | null };
  startWorker(): void;
  close(graceMs?: number): Promise<void>;
}

/** Where people reach us; set by configuration, by set-up, or by the port we listen on. */
export interface PublicAddresses {
  console: string;
  portal: string;
}

const LIMITS: ConveyorLimits = { concurrency: 32, reserve: 8, assured: 4, perDomain: 32, leaseSeconds: 30 };
const GRACE_MS = 10_000;
const NO_HOOKS: SystemHooks = { reach: () => undefined };

/** Wires the rooms. What was opened is closed again when a later step fails. */
export async function openSystem(config: Config, logger: Logger, hooks = NO_HOOKS): Promise<SystemParts> {
  const foundation = await openFoundation(config, logger, {
    volatile: hooks.volatile ?? false,
    ...(hooks.wrapVault === undefined ? {} : { wrapVault: hooks.wrapVault }),
  });
  try {
    return await wire(foundation, hooks);
  } catch (error) {
    await foundation.close();
    throw error;
  }
}

function openIntake(
  foundation: Foundation,
  needs: {
    readonly directory: Directory;
    readonly policies: Policies;
    readonly world: World;
    readonly hostName: string;
  },
): Intake<Transaction> {
  const { vault, blobs, record, clock } = foundation;
  const { directory, policies, world, hostName } = needs;
  return createIntake<Transaction>({
    vault,
    blobs,
    record,
    policies,
    limits: {
      take: (organisation, recipients) => takeLimit(foundation, directory, organisation, recipients),
    },
    senders: {
      mayUse: (caller, _source, address) => directory.maySendAs(caller.organisation, address),
    },
    network: world.network,
    accessScopes,
    hasAccess(caller, permission, scope) {
      const held = hasAccess(caller, permission, scope);
      if (held) foundation.access.uses.note(caller, permission);
      return held;
    },
    clock,
    hostName,
  });
}

async function wire(foundation: Foundation, hooks: SystemHooks): Promise<SystemParts> {
  const { config, logger, clock, database, vault, audit, access } = foundation;
  const state = await access.installation.ensure();
  const world = await openWorld(config, state.mode, hooks.network);
  sayTransport(config, world.network(), logger);
  const directory = openDirectory(database, clock);
  const waivers = openWaivers(foundation);
  const policies = openPolicies(foundation, waivers);
  const pdfPasswords = createPdfPasswords({ database, vault, audit, clock });
  const addresses = publicAddresses(config, state);
  const hostName = new URL(addresses.console).hostname;
  const text = openTextChannel(foundation, world, addresses, (tx, organisation, deliveries) =>
    portal.deliveryViews(tx, organisation, deliveries),
  );
  foundation.staffTexts.send = (tx, { number, code, expiresAt, ...letter }) =>
    text.texts.sendTo(tx, number, {
      ...{ ...letter, id: newId(clock) as TextId },
      body: { kind: 'sign-in-code', code, expiresAt },
    });
  const intake = openIntake(foundation, { directory, policies, world, hostName });
  const pgp = openPgp({ foundation, world, directory });
  const smime = openSmime(foundation, world);
  foundation.clientCertificates?.reach(directoryNetwork(config, world));
  const texts = hooks.texts ?? text.texts;
  const wishes = portalWishes({ foundation, policies, waivers, pgp, smime, texts, channel: text });
  const signOn = signOnNeeds(foundation, world, addresses);
  const needs = portalNeeds({
    ...{ foundation, directory, intake, texts, pickups: text.pickups, recipients: text.recipients },
    publicUrl: () => addresses.portal,
    federation: { oidc: signOn.oidc, logoutTokens: signOn.logoutTokens },
  });
  const pdf = createPdfRenderer();
  const portal = createPortal({ ...needs, wishes, pdf });
  const pdfSendings = createPdfSendings({
    ...{ database, vault, audit, clock, portal, texts },
    agreed: pdfPasswords,
    locale: async (organisation) => (await directory.facts(organisation)).locale,
  });
  const inbound = createInbound({ database, audit, clock });
  const monitoring = openMonitoring(foundation, world, directory, text);
  const score = { foundation, world, directory, policies, monitoring, addresses };
  const securityScore = openSecurityScore(score);
  const road = openRoad({
    foundation,
    world,
    smime,
    portal: withTextNotices(portal, { directory, texts: text.texts, clock, logger }),
    policies,
    pgp: { recipientKey: pgp.keys.find, ownKey: pgp.ownKey },
    pdfSendings,
    waivers,
    inbound: inboundStage({ foundation, world, inbound, pgp, smime, hostName }),
    hostName,
    noticeIdentity: (organisation) => noticeIdentity(directory, addresses, organisation),
    reach: hooks.reach,
    limits: { ...LIMITS, ...hooks.limits },
  });
  const following = startJobs([followInstallation(access, world, addresses, logger)], logger);
  let jobs: RunningJobs | null = null;
  return {
    foundation,
    world,
    directory,
    policies,
    pdfPasswords,
    texts,
    waivers,
    inbound,
    monitoring,
    securityScore,
    portal,
    text,
    pgp,
    intake,
    smime,
    signOn,
    road,
    addresses,
    listening: { submission: null, submissions: null, inbound: null },
    startWorker() {
      road.conveyor.start();
      jobs = startJobs(
        [
          ...workerJobs(foundation, portal, text, policies.replays, monitoring),
          ...keyJobs(foundation, pgp.ownKeys),
          ...auditJobs(foundation, world, hostName),
          ...text.jobs,
          ...provisioningJobs(foundation, world),
          ...road.jobs,
          ...monitoringJobs(foundation, monitoring),
          ...securityScoreJobs(foundation, securityScore),
        ],
        logger,
      );
    },
    async close(graceMs = GRACE_MS) {
      try {
        await Promise.all([following.stop(), jobs?.stop()]);
        await road.close(graceMs);
        await pdf.close();
        await world.close();
      } finally {
        await foundation.close();
      }
    },
  };
}

/** As set-up said, else as configured, else where we listen ourselves. */
function publicAddresses(
  config: Config,
  state: { readonly consoleUrl: string | null; readonly portalUrl: string | null },
): PublicAddresses {
  const scheme = config.tls.http === undefined ? 'http' : 'https';
  return {
    console: state.consoleUrl ?? config.publicUrls.console ?? `${scheme}://localhost:${config.listen.http}`,
    portal: state.portalUrl ?? config.publicUrls.portal ?? `${scheme}://localhost:${config.listen.portal}`,
  };
}

/** Said at each start, so that nobody believes in DANE where no resolver can vouch for it. */
function sayTransport(config: Config, network: NetworkProfile, logger: Logger): void {
  logger.info('transport-authentication', { outcome: dnssecOf(network) });
  logger.info('tls-reports', {
    outcome: config.tlsReports === undefined ? 'off: SEALPOST_TLS_REPORT_DOMAIN is not set' : 'on',
    ...(config.tlsReports === undefined ? {} : { host: config.tlsReports.domain }),
  });
}

function dnssecOf({ dane }: NetworkProfile): string {
  return dane === undefined ? 'mta-sts; dane is off: no validating resolver' : 'dane, mta-sts';
}

/** Counts towards the organisation's hourly limit, where it has one; without one nothing is asked. */
async function takeLimit(
  foundation: Foundation,
  directory: Directory,
  organisation: OrganisationId,
  recipients: number,
): Promise<void> {
  const { recipientsPerHour } = await directory.facts(organisation);
  if (recipientsPerHour === null) return;
  const fits = await foundation.database.tenant([organisation], 'app', (tx) =>
    takeFromHour(tx, organisation, 'recipients', recipients, recipientsPerHour),
  );
  if (!fits) throw new Refusal('limit-reached', { perHour: recipientsPerHour });
}
