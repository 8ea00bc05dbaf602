import type { Actor } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { EndAccess } from './end-access.ts';
import { administers, keepForDirectory } from './holdings.ts';
import { endMembershipRow, findIdentityByIndex, insertMembership, membershipsOf } from './identity.store.ts';
import { requireNobodyElses, requireOwnDomain } from './members.ts';
import { locateDomain } from './organisation.store.ts';
import { addressIndex, makePerson, personBinding } from './person.ts';
import { type AccessPorts, auditEntry, type From } from './ports.ts';
import {
  countOthersWithRole,
  countProvisioned,
  deleteProvisioned,
  listProvisioned,
  lockMembership,
  type ProvisionedRow,
  provisionedByExternal,
  putFurtherDomains,
  putProvisioned,
  readFurtherDomains,
  readProvisioned,
  releaseProvisioned,
  updateIdentity,
} from './provisioned-person.store.ts';
import {
  differences,
  externalIndex,
  openRecord,
  type PersonRecord,
  type ProvisionedPerson,
  sealRecord,
  shownName,
} from './provisioned-record.ts';
import { lockAccess } from './role.store.ts';
import type { Sessions } from './sessions.ts';

/** Whose hand it is: an outside directory's, by the key or the job that speaks for it. */
export interface DirectoryHand {
  readonly organisation: OrganisationId;
  /** `scim:…` or `ldap:…`. */
  readonly source: string;
  readonly actor: Actor;
  readonly from: From;
}

/**
 * People as outside directories keep them. All work happens in the caller's transaction, which must carry the organisation.
 * A directory may describe, end and take up again everybody of its organisation, also who was added by hand, but: nobody who
 * belongs to another organisation or has an address on another's domain is joined (`already-exists`); the last
 * administrator, by whatever way they are it, is not ended (`not-permitted`, reason `last-administrator`); and of somebody who belongs to
 * others too neither name nor address is changed. No roles come from here: they come from groups (`role_assignment`).
 */
export interface ProvisionedPeople {
  page(
    tx: Transaction,
    organisation: OrganisationId,
    skip: number,
    most: number,
  ): Promise<ProvisionedPerson[]>;
  count(tx: Transaction, organisation: OrganisationId): Promise<number>;
  /** One person, held against other changes until the transaction ends; undefined for nobody of the organisation. */
  lock(tx: Transaction, organisation: OrganisationId, id: IdentityId): Promise<ProvisionedPerson | undefined>;
  read(tx: Transaction, organisation: OrganisationId, ids: readonly string[]): Promise<ProvisionedPerson[]>;
  byAddress(tx: Transaction, organisation: OrganisationId, address: Address): Promise<ProvisionedPerson[]>;
  byExternalId(
    tx: Transaction,
    organisation: OrganisationId,
    externalId: string,
  ): Promise<ProvisionedPerson[]>;
  /** Refusals `already-exists`, and `invalid` (reason `foreign-domain`) for an address that is not the organisation's to give. */
  add(tx: Transaction, by: DirectoryHand, record: PersonRecord): Promise<IdentityId>;
  /** Makes a person what the record says; what is said already changes nothing. False: nothing to do. Refusal `not-found`. */
  change(tx: Transaction, by: DirectoryHand, id: IdentityId, record: PersonRecord): Promise<boolean>;
  /** Ends all access and forgets what the directory said. Refusal `not-found`. */
  end(tx: Transaction, by: DirectoryHand, id: IdentityId, reason: string): Promise<void>;
  /** Lets go of everybody whom a directory kept: they stay members, as if added by hand. */
  release(tx: Transaction, organisation: OrganisationId, source: string): Promise<number>;
  furtherDomains(tx: Transaction, organisation: OrganisationId): Promise<string[]>;
  setFurtherDomains(tx: Transaction, organisation: OrganisationId, domains: readonly string[]): Promise<void>;
}

export function createProvisionedPeople(
  ports: AccessPorts,
  sessions: Pick<Sessions, 'endIn' | 'forgetPerson'>,
  endAccess: EndAccess,
): ProvisionedPeople {
  const { vault, clock } = ports;
  const open = (organisation: OrganisationId, rows: readonly ProvisionedRow[]) =>
    Promise.all(rows.map((row) => openRecord(vault, organisation, row)));

  async function put(tx: Transaction, by: DirectoryHand, id: IdentityId, record: PersonRecord) {
    const { organisation, source } = by;
    const index =
      record.externalId === null ? null : await externalIndex(vault, organisation, record.externalId);
    const attributes = await sealRecord(vault, organisation, id, record);
    await putProvisioned(tx, organisation, {
      ...{ identity: id, source, externalIndex: index, attributes, at: clock.now() },
    });
  }

  async function onRecord(
    tx: Transaction,
    by: DirectoryHand,
    id: IdentityId,
    what: 'added' | 'changed' | 'ended',
    details: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    const { organisation, actor, from } = by;
    const subjects = [{ kind: 'identity', id }];
    const action = `provisioning.user-${what}`;
    await ports.audit.append(tx, auditEntry(from, { organisation, action, actor, subjects, details }));
  }

  async function described(tx: Transaction, id: IdentityId, record: PersonRecord): Promise<void> {
    const { userName } = record;
    const done = await updateIdentity(tx, {
      id,
      addressIndex: await addressIndex(vault, userName),
      address: await vault.sealValue('identity', personBinding('address', id), addressText(userName)),
      displayName: await vault.sealValue('identity', personBinding('display-name', id), shownName(record)),
      locale: /^(en|es)\b/i.exec(record.locale ?? '')?.[1]?.toLowerCase() ?? null,
    });
    if (!done) throw new Refusal('already-exists');
  }

  /** Address, name: only of somebody who belongs nowhere else. */
  async function describe(
    tx: Transaction,
    by: DirectoryHand,
    id: IdentityId,
    before: PersonRecord,
    record: PersonRecord,
  ): Promise<void> {
    const moved = addressText(before.userName).toLowerCase() !== addressText(record.userName).toLowerCase();
    const shared = (await membershipsOf(tx, id)).some((one) => one !== by.organisation);
    if (shared && moved)
      throw new Refusal('not-permitted', { reason: 'belongs-elsewhere', scimType: 'mutability' });
    if (shared) return;
    if (moved) await requireAllowed(tx, by.organisation, record.userName);
    // Whoever speaks for a directory could give an administrator the address of an account of theirs, and come in as them.
    if (moved && (await administers(tx, ports, by.organisation, id)))
      throw new Refusal('not-permitted', { reason: 'administrator-address', scimType: 'mutability' });
    await described(tx, id, record);
    const who = { identity: id, organisation: by.organisation, reason: 'address-changed' };
    if (moved) await sessions.endIn(tx, who, by.actor, by.from);
    else tx.afterCommit(() => sessions.forgetPerson(id));
  }

  async function stop(
    tx: Transaction,
    by: DirectoryHand,
    id: IdentityId,
    roles: readonly string[],
    how: { readonly groups: 'own' | 'all'; readonly reason: string },
  ): Promise<void> {
    await requireOtherAdministrator(tx, by.organisation, id, roles);
    const who = { identity: id, organisation: by.organisation, ...how };
    const { sessions: ended, keys } = await keepForDirectory(tx, ports, by.organisation, () =>
      endAccess(tx, who, by.actor, by.from),
    );
    await onRecord(tx, by, id, 'ended', { reason: how.reason, sessions: ended, keys });
  }

  async function locate(tx: Transaction, organisation: OrganisationId, id: IdentityId) {
    // First, as everywhere: what is judged must not change beside it, and locks are taken in one order.
    await lockAccess(tx, organisation);
    const member = await lockMembership(tx, organisation, id);
    const [row] = member === undefined ? [] : await readProvisioned(tx, organisation, [id]);
    if (member === undefined || row === undefined) return undefined;
    return { roles: member.roles, person: await openRecord(vault, organisation, row) };
  }

  return {
    page: async (tx, organisation, skip, most) =>
      open(organisation, await listProvisioned(tx, organisation, skip, most)),
    count: countProvisioned,
    lock: async (tx, organisation, id) => (await locate(tx, organisation, id))?.person,
    read: async (tx, organisation, ids) => open(organisation, await readProvisioned(tx, organisation, ids)),
    async byAddress(tx, organisation, address) {
      const known = await findIdentityByIndex(tx, await addressIndex(vault, address));
      return known === undefined
        ? []
        : open(organisation, await readProvisioned(tx, organisation, [known.id]));
    },
    async byExternalId(tx, organisation, externalId) {
      const index = await externalIndex(vault, organisation, externalId);
      return open(organisation, await provisionedByExternal(tx, organisation, index));
    },

    async add(tx, by, record) {
      const { organisation } = by;
      await lockAccess(tx, organisation);
      await requireAllowed(tx, organisation, record.userName);
      const known = await findIdentityByIndex(tx, await addressIndex(vault, record.userName));
      if (known !== undefined) {
        await requireNobodyElses(tx, organisation, known.id);
        if ((await readProvisioned(tx, organisation, [known.id])).length > 0)
          throw new Refusal('already-exists');
      }
      const named = { address: record.userName, displayName: shownName(record), operator: false };
      const id = known?.id ?? (await makePerson(tx, vault, named));
      if (id === null || !(await insertMembership(tx, organisation, id, [])))
        throw new Refusal('already-exists');
      if (!record.active) await endMembershipRow(tx, organisation, id, clock.now());
      await described(tx, id, record);
      await put(tx, by, id, record);
      await onRecord(tx, by, id, 'added', { active: record.active ? 1 : 0, source: by.source });
      return id;
    },

    async change(tx, by, id, record) {
      const { organisation } = by;
      const found = await locate(tx, organisation, id);
      if (found === undefined) throw new Refusal('not-found');
      const { roles, person } = found;
      const changed = differences(person.record, record);
      if (changed.length === 0 && person.source === by.source) return false;
      const [was, is] = [person.record.active, record.active];
      if (was && !is) await stop(tx, by, id, roles, { groups: 'own', reason: 'deactivated' });
      if (!was && is) {
        await requireNobodyElses(tx, organisation, id);
        await requireAllowed(tx, organisation, record.userName);
        if (!(await insertMembership(tx, organisation, id, []))) throw new Refusal('already-exists');
      }
      await describe(tx, by, id, person.record, record);
      await put(tx, by, id, record);
      await onRecord(tx, by, id, 'changed', { fields: changed.join(' '), source: by.source });
      return true;
    },

    async end(tx, by, id, reason) {
      const found = await locate(tx, by.organisation, id);
      if (found === undefined) throw new Refusal('not-found');
      await stop(tx, by, id, found.roles, { groups: 'all', reason });
      await deleteProvisioned(tx, by.organisation, id);
    },

    release: releaseProvisioned,
    furtherDomains: readFurtherDomains,
    setFurtherDomains: (tx, organisation, domains) =>
      putFurtherDomains(tx, organisation, domains, clock.now()),
  };
}

/** An address on a domain of the organisation, or on one that it named beside them and that is no other organisation's. */
async function requireAllowed(
  tx: Transaction,
  organisation: OrganisationId,
  address: Address,
): Promise<void> {
  if ((await locateDomain(tx, address.domain)) === organisation) return;
  await requireOwnDomain(tx, organisation, address);
  if ((await readFurtherDomains(tx, organisation)).includes(address.domain)) return;
  throw new Refusal('invalid', { path: 'userName', reason: 'foreign-domain', scimType: 'invalidValue' });
}

/** A directory's mistake must not leave an organisation without anybody who can mend it. */
async function requireOtherAdministrator(
  tx: Transaction,
  organisation: OrganisationId,
  id: IdentityId,
  roles: readonly string[],
): Promise<void> {
  if (!roles.includes('administrator')) return;
  if ((await countOthersWithRole(tx, organisation, 'administrator', [id])) > 0) return;
  throw lastAdministrator();
}

const lastAdministrator = () =>
  new Refusal('not-permitted', { reason: 'last-administrator', scimType: 'mutability' });
