import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Locale } from '#platform/runtime';

export interface PersonRow {
  readonly id: PortalPersonId;
  readonly lookupIndex: Buffer | null;
  readonly objectKey: Buffer;
  readonly address: Buffer;
  readonly locale: Locale;
}

const COLUMNS = 'id, lookup_index as "lookupIndex", object_key as "objectKey", address, locale';

export function findPersonByIndex(tx: Transaction, index: Buffer): Promise<PersonRow | undefined> {
  return tx.maybe({
    name: 'portal-person-by-index',
    text: `select ${COLUMNS} from sealpost.portal_person where address_index = $1`,
    values: [index],
  });
}

export function findPerson(tx: Transaction, person: PortalPersonId): Promise<PersonRow | undefined> {
  return tx.maybe({
    name: 'portal-person',
    text: `select ${COLUMNS} from sealpost.portal_person where id = $1`,
    values: [person],
  });
}

/** Those of these people that the transaction's organisation knows. */
export function findPeople(tx: Transaction, people: readonly PortalPersonId[]): Promise<PersonRow[]> {
  return tx.query({
    name: 'portal-people',
    text: `select ${COLUMNS} from sealpost.portal_person where id = any ($1::uuid[])`,
    values: [people],
  });
}

/** True when the row was made; false when somebody else just made one for this address. */
export async function insertPerson(
  tx: Transaction,
  row: PersonRow & {
    readonly organisation: OrganisationId;
    readonly addressIndex: Buffer;
    readonly domain: string;
  },
): Promise<boolean> {
  const made = await tx.execute({
    name: 'portal-person-insert',
    text: `insert into sealpost.portal_person
             (id, organisation, address_index, lookup_index, object_key, address, domain, locale)
           values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (organisation, address_index) do nothing`,
    values: [
      row.id,
      row.organisation,
      row.addressIndex,
      row.lookupIndex,
      row.objectKey,
      row.address,
      row.domain,
      row.locale,
    ],
  });
  return made === 1;
}

export async function setPersonLocale(
  tx: Transaction,
  person: PortalPersonId,
  locale: Locale,
): Promise<void> {
  await tx.execute({
    name: 'portal-person-locale',
    text: 'update sealpost.portal_person set locale = $2 where id = $1 and locale <> $2',
    values: [person, locale],
  });
}

/** Everybody under this address in any organisation, newest first, at most 20; ids only. Works in a system transaction. */
export function findPeopleByLookup(
  tx: Transaction,
  lookup: Buffer,
): Promise<{ organisation: OrganisationId; person: PortalPersonId }[]> {
  return tx.query({
    name: 'portal-people-by-lookup',
    text: 'select organisation, person from sealpost.find_portal_people($1)',
    values: [lookup],
  });
}
