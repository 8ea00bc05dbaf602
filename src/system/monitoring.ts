import { INSTALLATION } from '#core/ids';
import { allOrganisationIds, readGrants } from '#platform/access';
import { parseAddress } from '#platform/mail';
import { createMonitoring, type Monitoring, type Operator } from '#products/monitoring';
import type { Directory } from './directory.ts';
import type { Foundation } from './foundation.ts';
import type { Job } from './jobs.ts';
import type { TextChannel } from './text-channel.ts';
import type { World } from './world.ts';

const SECOND = 1_000;
const POST_TIMEOUT_MS = 10_000;

/** Rules over the audit stream, and how they reach people. */
export function openMonitoring(
  foundation: Foundation,
  world: World,
  directory: Directory,
  text: TextChannel,
): Monitoring {
  const { database, vault, audit, clock, logger, record, access } = foundation;
  return createMonitoring({
    ...{ database, vault, audit, clock, logger },
    placeOf: foundation.placeOf,
    zone: async (organisation) => (await directory.facts(organisation)).timeZone,
    locale: async (organisation) =>
      organisation === INSTALLATION ? 'en' : (await directory.facts(organisation)).locale,
    async reader(organisation, identity) {
      const grants = await database.tenant([organisation], 'app', (tx) =>
        readGrants(tx, vault, organisation, identity, clock.now()),
      );
      if (!grants?.permissions.has('incidents:read')) return null;
      const person = await access.members.personIn(organisation, identity);
      return person === undefined ? null : (parseAddress(person.address) ?? null);
    },
    async operators() {
      const operators = await access.members.operators();
      const told: Operator[] = [];
      for (const { person, organisation } of operators) {
        const address = parseAddress(person.address);
        if (address === null) continue;
        told.push({ organisation, address, locale: (await directory.facts(organisation)).locale });
      }
      return told;
    },
    sendNotice: (tx, notice, giveUpAt) => record.sendNotice(tx, { notice, giveUpAt }),
    gateway: (organisation) => text.inForce(organisation),
    async post(url, headers, body) {
      const answer = await world.fetch(url, {
        ...{ method: 'POST', headers, body, timeoutMs: POST_TIMEOUT_MS, maxBytes: 4_096 },
      });
      return answer.kind === 'answered' ? { kind: 'answered', status: answer.status } : answer;
    },
  });
}

/** Watching is what people wait for: an alert within seconds of the act. */
export function monitoringJobs({ database }: Foundation, monitoring: Monitoring): readonly Job[] {
  const organisations = () => database.system('worker', allOrganisationIds);
  return [
    { name: 'watch-audit', everyMs: SECOND, run: () => monitoring.watch() },
    { name: 'send-alerts', everyMs: SECOND, run: () => monitoring.send() },
    { name: 'try-alert-rules', everyMs: SECOND, run: () => monitoring.tries.run() },
    { name: 'escalate-incidents', everyMs: 30 * SECOND, run: () => monitoring.escalate() },
    {
      name: 'observe-audit',
      everyMs: 20 * SECOND,
      run: async () => monitoring.observe(await organisations()),
    },
    {
      name: 'sweep-monitoring',
      everyMs: 3_600 * SECOND,
      async run() {
        for (const one of [...(await organisations()), INSTALLATION]) await monitoring.sweep(one);
      },
    },
  ];
}
