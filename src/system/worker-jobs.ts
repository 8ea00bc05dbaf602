import type { OrganisationId } from '#core/ids';
import { allOrganisationIds, sweepPermissionUse } from '#platform/access';
import { ensurePartitions, type Transaction } from '#platform/database';
import { sweepAnswers } from '#platform/http';
import { sweepLookups } from '#platform/keyring';
import { sweepUsage } from '#platform/record';
import type { Monitoring } from '#products/monitoring';
import { sweepSendings } from '#products/pdf-passwords';
import type { Policies } from '#products/policies';
import type { Portal } from '#products/portal';
import { createBreakGlass, createPendingActs, createReviews } from '#products/safeguards';
import { sweepSignOn } from '#products/single-sign-on';
import type { Foundation } from './foundation.ts';
import type { Job } from './jobs.ts';
import { safeguardPorts } from './safeguard-ports.ts';
import type { TextChannel } from './text-channel.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** What the worker role does beside the conveyor. */
export function workerJobs(
  foundation: Foundation,
  portal: Portal,
  { texts }: TextChannel,
  replays: Pick<Policies['replays'], 'run' | 'sweep'>,
  monitoring: Pick<Monitoring, 'alarm'>,
): readonly Job[] {
  const { record, audit, blobs, clock, database, vault } = foundation;
  return [
    { name: 'sequence-events', everyMs: 200, run: () => record.sequenceEvents() },
    { name: 'sequence-audit', everyMs: 500, run: () => audit.sequence() },
    { name: 'index-audit', everyMs: 2 * SECOND, run: () => audit.index() },
    { name: 'expire-portal-copies', everyMs: 30 * SECOND, run: () => portal.expireDue() },
    { name: 'report-unread-portal-copies', everyMs: HOUR / 12, run: () => portal.reportUnread() },
    // Nothing to do but after an upgrade; a minute lets what a process of the release before still writes stand no longer.
    { name: 'seal-portal-addresses', everyMs: 60 * SECOND, run: () => portal.sealOldAddresses() },
    { name: 'sweep-portal', everyMs: HOUR, run: () => portal.sweep() },
    {
      name: 'sweep-blobs',
      everyMs: HOUR,
      run: () => blobs.sweep(new Date(clock.now().getTime() - 6 * HOUR)),
    },
    {
      name: 'sweep-answers',
      everyMs: HOUR / 6,
      run: () => forEachOrganisation(foundation, (tx) => sweepAnswers(tx, clock.now())),
    },
    {
      name: 'sweep-texts',
      everyMs: HOUR,
      run: () => forEachOrganisation(foundation, (tx, organisation) => texts.sweep(tx, organisation)),
    },
    {
      name: 'sweep-pdf-passwords',
      everyMs: HOUR,
      run: () =>
        forEachOrganisation(
          foundation,
          async (tx) => (await sweepSendings(tx, clock.now())) + (await portal.expirePdfPasswords(tx)),
        ),
    },
    { name: 'sweep-usage', everyMs: HOUR, run: () => forEachOrganisation(foundation, sweepUsage) },
    {
      name: 'sweep-key-look-ups',
      everyMs: 12 * HOUR,
      run: () => forEachOrganisation(foundation, sweepLookups),
    },
    { name: 'replay-policies', everyMs: SECOND, run: () => replays.run() },
    {
      name: 'sweep-policy-replays',
      everyMs: 12 * HOUR,
      run: async () => replays.sweep(await database.system('worker', allOrganisationIds)),
    },
    ...accessJobs(foundation, monitoring),
    // A rotation leaves the superseded keys for those who still hold them; after the grace time they go.
    { name: 'drop-unused-keys', everyMs: HOUR / 6, run: () => vault.dropUnusedKeys() },
    { name: 'make-partitions', everyMs: 12 * HOUR, run: () => ensurePartitions(database, clock.now()) },
  ];
}

/** Rights, sign-in and what watches over both. */
function accessJobs(foundation: Foundation, monitoring: Pick<Monitoring, 'alarm'>): readonly Job[] {
  const { clock, database, access } = foundation;
  return [
    {
      name: 'sweep-permission-use',
      everyMs: 12 * HOUR,
      run: () => forEachOrganisation(foundation, sweepPermissionUse),
    },
    {
      name: 'sweep-single-sign-on',
      everyMs: HOUR / 6,
      run: () =>
        forEachOrganisation(foundation, (tx, organisation) => {
          const now = clock.now();
          // No session lasts longer than twelve hours.
          return sweepSignOn(tx, organisation, now, new Date(now.getTime() - 13 * HOUR));
        }),
    },
    {
      name: 'tend-machine-credentials',
      everyMs: HOUR / 6,
      async run() {
        for (const id of await database.system('worker', allOrganisationIds)) {
          await access.apiKeys.tellExpiring(id);
          await access.oauth.sweep(id);
        }
      },
    },
    {
      name: 'open-access-reviews',
      everyMs: HOUR,
      async run() {
        const reviews = createReviews(safeguardPorts(foundation, monitoring));
        for (const id of await database.system('worker', allOrganisationIds)) await reviews.openDue(id);
      },
    },
    {
      name: 'forget-held-acts',
      everyMs: HOUR,
      async run() {
        const pending = createPendingActs(safeguardPorts(foundation, monitoring));
        for (const id of await database.system('worker', allOrganisationIds)) await pending.forgetOver(id);
      },
    },
    {
      name: 'end-emergency-access',
      everyMs: 30 * SECOND,
      async run() {
        const glasses = createBreakGlass(safeguardPorts(foundation, monitoring));
        for (const id of await database.system('worker', allOrganisationIds)) await glasses.endDue(id);
      },
    },
    { name: 'tell-sign-in-trouble', everyMs: HOUR / 60, run: () => access.tellTrouble() },
    { name: 'sweep-access', everyMs: HOUR / 12, run: () => access.sweep() },
  ];
}

/** One short transaction per organisation, one after the other. */
async function forEachOrganisation(
  { database }: Foundation,
  work: (tx: Transaction, organisation: OrganisationId) => Promise<number>,
): Promise<void> {
  const ids = await database.system('worker', allOrganisationIds);
  for (const id of ids) await database.tenant([id], 'worker', (tx) => work(tx, id));
}
