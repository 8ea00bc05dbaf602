// What a directory says now: everybody whom the filter finds, and who is in which group. Nothing is changed here.
import type { Address } from '#core/address';
import type { NetworkProfile } from '#core/network';
import { NOTHING_KEPT, type PersonRecord } from '#platform/access';
import {
  escapeFilterValue,
  type LdapEntry,
  LdapFailed,
  type LdapReader,
  openLdapReader,
} from '#platform/keyring';
import { parseAddress } from '#platform/mail';
import type { SealedSettings } from './settings.ts';

export interface DirectoryGroup {
  readonly externalId: string;
  readonly name: string;
  /** External ids of people. */
  readonly members: readonly string[];
}

export interface DirectoryPicture {
  readonly people: readonly (PersonRecord & { readonly externalId: string })[];
  /** Null where groups are not read at all. */
  readonly groups: readonly DirectoryGroup[] | null;
  /** Entries that were found and cannot be a person: without an id, or without an address. */
  readonly unusable: number;
}

/** A directory that gave a part of the members of a group only: to act on it would take people out of it. */
export class MembersIncomplete extends Error {
  override readonly name = 'MembersIncomplete';
}

const READING_MS = 10 * 60_000;
/** ADS_UF_ACCOUNTDISABLE. */
const DISABLED = 0x2;
/** LDAP_MATCHING_RULE_IN_CHAIN of Active Directory. */
const IN_CHAIN = '1.2.840.113556.1.4.1941';

interface Found {
  readonly name: string;
  readonly externalId: string;
  readonly entry: LdapEntry;
}

/** Reads a directory as a whole. Throws LdapFailed, MembersIncomplete. */
export async function readDirectory(
  settings: SealedSettings,
  network: Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'>,
): Promise<DirectoryPicture> {
  const { host, port, security, authorities, bindDn, password, identity } = settings;
  const credentials = bindDn === null || password === null ? null : { name: bindDn, password };
  const source = {
    host,
    port,
    security,
    authorities: [authorities].filter((pem) => pem !== ''),
    credentials,
    identity,
  };
  const reader = await openLdapReader(source, network, AbortSignal.timeout(READING_MS));
  try {
    const { found, people, unusable } = await readPeople(reader, settings);
    const groups =
      settings.groups === null ? null : await readGroups(reader, settings, settings.groups, found);
    return { people, groups, unusable };
  } finally {
    reader.close();
  }
}

async function readPeople(reader: LdapReader, { people: wanted, groups }: SealedSettings) {
  const { attributes } = wanted;
  const asked = [
    ...Object.values(attributes).flatMap((one) => (one === null || one === 'none' ? [] : [one])),
    ...['uid', 'memberOf', ...(groups?.primaryGroup === true ? ['primaryGroupID', 'objectSid'] : [])],
  ];
  const entries = await reader.search({
    base: wanted.base,
    filter: wanted.filter,
    attributes: [...new Set(asked)],
  });
  const found: Found[] = [];
  const people: (PersonRecord & { readonly externalId: string })[] = [];
  for (const entry of entries) {
    const externalId = idOf(entry, attributes.id);
    const userName = parseAddress(textOf(entry, attributes.userName) ?? '');
    if (externalId === null || userName === null) continue;
    found.push({ name: entry.name, externalId, entry });
    people.push({ ...recordOf(entry, wanted, userName), externalId });
  }
  return { found, people, unusable: entries.length - people.length };
}

function recordOf(
  entry: LdapEntry,
  { attributes }: SealedSettings['people'],
  userName: Address,
): PersonRecord {
  const phone = attributes.phone === null ? null : textOf(entry, attributes.phone);
  const flags = Number(textOf(entry, 'userAccountControl') ?? 0);
  return {
    ...NOTHING_KEPT,
    userName,
    active: attributes.disabled === 'none' || (flags & DISABLED) === 0,
    displayName: textOf(entry, attributes.displayName),
    givenName: textOf(entry, attributes.givenName),
    familyName: textOf(entry, attributes.familyName),
    emails: [{ value: `${userName.local}@${userName.domain}`, type: 'work', primary: true }],
    phones: phone === null ? [] : [{ value: phone, type: 'work', primary: true }],
  };
}

async function readGroups(
  reader: LdapReader,
  settings: SealedSettings,
  wanted: NonNullable<SealedSettings['groups']>,
  people: readonly Found[],
): Promise<DirectoryGroup[]> {
  const { base, filter, id, name, membership, primaryGroup } = wanted;
  const listed = membership === 'memberOf' || membership === 'in-chain' ? [] : [membership];
  const attributes = [id, name, ...listed, ...(primaryGroup ? ['objectSid'] : [])];
  const entries = await reader.search({ base, filter, attributes });
  const lookUp = lookUpOf(people);
  const groups: DirectoryGroup[] = [];
  for (const entry of entries) {
    const externalId = idOf(entry, id);
    const called = textOf(entry, name);
    if (externalId === null || called === null) continue;
    if (membership !== 'memberOf' && entry.partial.has(membership.toLowerCase()))
      throw new MembersIncomplete();
    const members =
      membership === 'in-chain'
        ? await membersInChain(reader, settings, entry)
        : membersOf(entry, membership, lookUp);
    const primary = primaryGroup ? primaryMembers(entry, people) : [];
    groups.push({ externalId, name: called.slice(0, 200), members: [...new Set([...members, ...primary])] });
  }
  return groups;
}

interface LookUp {
  readonly byName: ReadonlyMap<string, string>;
  readonly byUid: ReadonlyMap<string, string>;
  readonly byGroup: ReadonlyMap<string, readonly string[]>;
}

function lookUpOf(people: readonly Found[]): LookUp {
  const byGroup = new Map<string, string[]>();
  for (const { entry, externalId } of people) {
    for (const group of textsOf(entry, 'memberOf')) {
      const key = plainName(group);
      byGroup.set(key, [...(byGroup.get(key) ?? []), externalId]);
    }
  }
  return {
    byName: new Map(people.map(({ name, externalId }) => [plainName(name), externalId])),
    byUid: new Map(
      people.flatMap(({ entry, externalId }) =>
        textsOf(entry, 'uid').map((uid) => [uid.toLowerCase(), externalId] as const),
      ),
    ),
    byGroup,
  };
}

function membersOf(entry: LdapEntry, membership: string, { byName, byUid, byGroup }: LookUp): string[] {
  if (membership === 'memberOf') return [...(byGroup.get(plainName(entry.name)) ?? [])];
  const values = textsOf(entry, membership);
  const found = values.map((value) =>
    membership === 'memberUid' ? byUid.get(value.toLowerCase()) : byName.get(plainName(value)),
  );
  return found.filter((one) => one !== undefined);
}

async function membersInChain(
  reader: LdapReader,
  { people }: SealedSettings,
  group: LdapEntry,
): Promise<string[]> {
  const chain = `(memberOf:${IN_CHAIN}:=${escapeFilterValue(group.name)})`;
  const whole = people.filter.startsWith('(') ? people.filter : `(${people.filter})`;
  const { base, attributes } = people;
  const found = await reader.search({ base, filter: `(&${whole}${chain})`, attributes: [attributes.id] });
  return found.map((entry) => idOf(entry, attributes.id)).filter((one) => one !== null);
}

/** The primary group stands in nobody's `memberOf`: its number is the end of the group's SID, under the person's own domain. */
function primaryMembers(group: LdapEntry, people: readonly Found[]): string[] {
  const sid = group.attributes.get('objectsid')?.[0];
  if (sid === undefined || sid.length < 12) return [];
  const number = sid.readUInt32LE(sid.length - 4);
  const domain = sid.subarray(0, -4);
  return people
    .filter(({ entry }) => {
      const own = entry.attributes.get('objectsid')?.[0];
      return own?.subarray(0, -4).equals(domain) && Number(textOf(entry, 'primaryGroupID')) === number;
    })
    .map(({ externalId }) => externalId);
}

/** Names are compared without regard to case and to spaces around their signs (RFC 4517 §4.2.15, as far as names need it). */
function plainName(name: string): string {
  return name.replace(/\s*([,=+])\s*/g, '$1').toLowerCase();
}

function textsOf(entry: LdapEntry, attribute: string): string[] {
  const values = entry.attributes.get(attribute.toLowerCase()) ?? [];
  return values.map((value) => value.toString('utf8'));
}

function textOf(entry: LdapEntry, attribute: string): string | null {
  const text = textsOf(entry, attribute)[0]?.trim().slice(0, 500);
  return text === undefined || text === '' ? null : text;
}

/** An id as text: octets that are none, such as objectGUID's sixteen, in hexadecimal. */
function idOf(entry: LdapEntry, attribute: string): string | null {
  const value = entry.attributes.get(attribute.toLowerCase())?.[0];
  if (value === undefined || value.length === 0 || value.length > 200) return null;
  const text = value.toString('utf8');
  return /^[\x21-\x7e]+$/.test(text) && attribute.toLowerCase() !== 'objectguid'
    ? text
    : value.toString('hex');
}

/** What a failed reading is called on record. */
export function failureCode(error: unknown): string | null {
  if (error instanceof LdapFailed) return error.code;
  return error instanceof MembersIncomplete ? 'members-incomplete' : null;
}
