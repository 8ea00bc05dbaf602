import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId } from '#core/ids';
import { requireAccess } from '#platform/access';
import type { ApiPorts } from '../routes.ts';
import type { SystemParts } from './open-system.ts';
import { VERSION } from './version.ts';

/** People looked through for a name: more belong to no organisation that this is made for. */
const MOST_PEOPLE = 5_000;

/** Hands the pages about the audit log what they need. */
export function auditPorts(
  parts: SystemParts,
  labelActor: ApiPorts['audit']['labelActor'],
): ApiPorts['audit'] {
  const { audit, blobs, database, clock, vault, access } = parts.foundation;
  return {
    ...{ audit, blobs, database, clock, vault, labelActor, version: VERSION },
    async labelPerson({ organisation }, identity) {
      const person = await access.members.personIn(organisation, identity as IdentityId);
      return { label: person?.displayName ?? 'Person outside of this organisation' };
    },
    isMember: async ({ organisation }, identity) =>
      (await access.members.personIn(organisation, identity as IdentityId)) !== undefined,
    async incidentStands(caller, incident) {
      requireAccess(caller, 'incidents:read');
      try {
        await parts.monitoring.incidents.read(caller, incident);
        return true;
      } catch (fault) {
        if (fault instanceof Refusal && fault.code === 'not-found') return false;
        throw fault;
      }
    },
    timeZone: async (organisation) => (await parts.directory.facts(organisation)).timeZone,
    async findPeople(caller: Caller, text: string) {
      const wanted = text.normalize('NFC').toLowerCase();
      const found: string[] = [];
      let after: string | null = null;
      for (let seen = 0; seen < MOST_PEOPLE; ) {
        const page: Awaited<ReturnType<typeof access.members.list>> = await access.members.list(
          caller,
          after,
          200,
        );
        for (const { person } of page) {
          const told = `${person.displayName}\n${person.address}`.normalize('NFC').toLowerCase();
          if (told.includes(wanted)) found.push(person.id);
        }
        seen += page.length;
        after = page.at(-1)?.person.id ?? null;
        if (page.length < 200) break;
      }
      return found;
    },
    recipientAddress: async (caller, record) => (await parts.text.recipients.read(caller, record)).address,
  };
}
