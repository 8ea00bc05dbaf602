import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Address, addressText } from '#core/address';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Vault } from '#platform/vault';
import { openPerson } from './person.ts';
import type { ProvisionedRow } from './provisioned-person.store.ts';

const labelled = z.strictObject({
  value: z.string(),
  type: z.string().nullable(),
  primary: z.boolean(),
});

/** What a directory says of a person beside address and activity. Sealed as one value. */
const kept = z.strictObject({
  externalId: z.string().nullable(),
  displayName: z.string().nullable(),
  givenName: z.string().nullable(),
  familyName: z.string().nullable(),
  formatted: z.string().nullable(),
  locale: z.string().nullable(),
  emails: z.array(labelled).readonly(),
  phones: z.array(labelled).readonly(),
});

/** A person as an outside directory describes them. All of it is personal: nothing is logged, all is sealed. */
export interface PersonRecord extends Readonly<z.output<typeof kept>> {
  /** What the person signs in with: their address. */
  readonly userName: Address;
  readonly active: boolean;
}

export interface ProvisionedPerson {
  readonly id: IdentityId;
  /** `scim:…` or `ldap:…`; null for somebody added by hand, whom no directory keeps yet. */
  readonly source: string | null;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly record: PersonRecord;
}

export const NOTHING_KEPT: Omit<PersonRecord, 'userName' | 'active'> = {
  externalId: null,
  displayName: null,
  givenName: null,
  familyName: null,
  formatted: null,
  locale: null,
  emails: [],
  phones: [],
};

const bind = (organisation: OrganisationId, row: string) => ({
  organisation,
  field: 'provisioned-person.attributes',
  row,
});

/** The name that colleagues see. */
export function shownName(record: PersonRecord): string {
  const whole = [record.givenName, record.familyName]
    .filter((part) => part !== null && part !== '')
    .join(' ');
  const named = [record.displayName, record.formatted, whole].find((one) => one !== null && one !== '');
  return named ?? addressText(record.userName);
}

export function sealRecord(
  vault: Pick<Vault, 'sealValue'>,
  organisation: OrganisationId,
  identity: IdentityId,
  record: PersonRecord,
): Promise<Buffer> {
  const { userName: _address, active: _active, ...rest } = record;
  return vault.sealValue('identity', bind(organisation, identity), JSON.stringify(rest));
}

export async function openRecord(
  vault: Pick<Vault, 'openValue' | 'blindIndex' | 'sealValue'>,
  organisation: OrganisationId,
  row: ProvisionedRow,
): Promise<ProvisionedPerson> {
  const person = await openPerson(vault, { id: row.identity, ...row });
  const at = person.address.lastIndexOf('@');
  const userName = { local: person.address.slice(0, at), domain: person.address.slice(at + 1) };
  const attributes =
    row.attributes === null
      ? { ...NOTHING_KEPT, displayName: person.displayName, emails: [mainAddress(person.address)] }
      : kept.parse(
          JSON.parse(
            (await vault.openValue(bind(organisation, row.identity), row.attributes)).toString('utf8'),
          ),
        );
  return {
    id: row.identity,
    source: row.source,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    record: { ...attributes, userName, active: row.active },
  };
}

function mainAddress(value: string): z.output<typeof labelled> {
  return { value, type: 'work', primary: true };
}

/** Names of what differs: codes for the record, without the values. */
export function differences(before: PersonRecord, after: PersonRecord): string[] {
  const names = Object.keys(after) as (keyof PersonRecord)[];
  return names.filter((name) => !isDeepStrictEqual(before[name], after[name])).sort();
}

/** Blind index of what a directory calls a person. */
export function externalIndex(
  vault: Pick<Vault, 'blindIndex'>,
  organisation: OrganisationId,
  externalId: string,
): Promise<Buffer> {
  return vault.blindIndex(organisation, 'provisioned-external/1', externalId);
}
