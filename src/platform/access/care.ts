import type { Actor, Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import type { AssignmentSubject } from './assignments.ts';
import {
  caresForAny,
  endCareRow,
  insertCareRow,
  listCareRows,
  readCareRule,
  setCareRule,
} from './care.store.ts';
import { readGroupRow } from './group.store.ts';
import { changeAccess, type GrantingPorts } from './holdings.ts';
import { readIdentityRow, readRoles } from './identity.store.ts';
import { hasAccess, requireAccess } from './permissions.ts';
import { openPerson } from './person.ts';
import { auditEntry } from './ports.ts';
import { careScope, type Wanted } from './standing.ts';

export interface NewCare {
  readonly subject: AssignmentSubject;
  /** The patient's address, in the form that recipients are indexed by. */
  readonly address: string;
  readonly since: Date;
  readonly until: Date | null;
}

export interface Care extends NewCare {
  readonly id: string;
  readonly source: string;
}

/** What a message shows of whom it concerns. */
export interface CareMessage {
  readonly actor: Actor;
  readonly sender: Address;
  /** Index forms of all who receive it, and of who wrote it where that is somebody outside. */
  readonly addresses: readonly string[];
}

/**
 * Access by care relationship (minimum necessary, 45 CFR 164.502(b)): off unless the organisation turns it on. Then the
 * right to read content, where it comes from a role that is for care only, counts for what one has sent oneself and for
 * what concerns one's patients.
 */
export interface CareRelationships {
  rule(caller: Caller): Promise<boolean>;
  /** Whoever turns it off must hold the right to read content beyond care. */
  setRule(caller: Caller, on: boolean): Promise<void>;
  list(
    caller: Caller,
    filter: { readonly subject: string | null; readonly address: string | null },
    after: string | null,
    most: number,
  ): Promise<Care[]>;
  /** Opens messages to somebody, so whoever records it must hold the right to read content beyond care. */
  record(caller: Caller, care: NewCare): Promise<{ readonly id: string }>;
  end(caller: Caller, id: string): Promise<void>;
  /**
   * Asks for the right to read a message's content in the transaction that opens it. Refusal `not-permitted`, with reason
   * `care-relationship` where emergency access would open it.
   */
  requireContent(tx: Transaction, caller: Caller, message: CareMessage): Promise<void>;
}

const BEYOND_CARE: Wanted = {
  ...{ permission: 'messages:read-content', scope: null, until: null },
  ...{ careOnly: false, role: null },
};

const binding = (organisation: OrganisationId, row: string) => ({
  organisation,
  field: 'care-relationship.address',
  row,
});

export function createCare(ports: GrantingPorts): CareRelationships {
  const { database, vault, audit, clock, sessions } = ports;
  const indexOf = (organisation: OrganisationId, address: string): Promise<Buffer> =>
    vault.blindIndex(organisation, 'address', address);

  async function isSender(
    tx: Transaction,
    identity: IdentityId,
    { actor, sender }: CareMessage,
  ): Promise<boolean> {
    if (actor.kind === 'person') return actor.identity === identity;
    // Handed in by a program or by SMTP: theirs where it is written under their own address.
    const row = await readIdentityRow(tx, identity);
    if (row === undefined) return false;
    const { address } = await openPerson(vault, row);
    return address.toLowerCase() === addressText(sender).toLowerCase();
  }

  return {
    async rule(caller) {
      requireAccess(caller, 'roles:read');
      const { organisation } = caller;
      return database.tenant([organisation], 'app', (tx) => readCareRule(tx, organisation));
    },

    setRule: (caller, on) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation, actor } = caller;
        if (!on) holdings.requireAll([BEYOND_CARE]);
        await setCareRule(tx, organisation, on);
        const entry = { organisation, action: 'care-rule.changed', actor, details: { on } };
        await audit.append(tx, auditEntry(caller, entry));
        tx.afterCommit(sessions.forgetEverybody);
      }),

    async list(caller, { subject, address }, after, most) {
      requireAccess(caller, 'roles:read');
      requireAccess(caller, 'recipients:read');
      const { organisation } = caller;
      const addressIndex = address === null ? null : await indexOf(organisation, address);
      const rows = await database.tenant([organisation], 'app', async (tx) => {
        const filter = { subject, addressIndex, now: clock.now() };
        const found = await listCareRows(tx, organisation, filter, after, most);
        const subjects = found.map(({ id }) => ({ kind: 'care-relationship', id }));
        const entry = { organisation, action: 'care-relationships.listed', actor: caller.actor, subjects };
        await audit.append(tx, auditEntry(caller, entry));
        return found;
      });
      return Promise.all(
        rows.map(async (row): Promise<Care> => {
          const opened = await vault.openValue(binding(organisation, row.id), row.address);
          const subject: AssignmentSubject =
            row.subject_kind === 'identity'
              ? { kind: 'identity', id: row.subject as IdentityId }
              : { kind: 'group', id: row.subject };
          const { id, since, until, source } = row;
          return { id, subject, address: opened.toString('utf8'), since, until, source };
        }),
      );
    },

    record: (caller, care) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation, actor } = caller;
        const { subject, address, since, until } = care;
        holdings.requireAll([BEYOND_CARE]);
        if (until !== null && until <= since) throw new Refusal('invalid', { path: 'until' });
        const known =
          subject.kind === 'identity'
            ? await readRoles(tx, organisation, subject.id)
            : await readGroupRow(tx, organisation, subject.id);
        if (known === undefined) throw new Refusal('not-found', { path: 'subject' });
        const id = newId(clock);
        await insertCareRow(tx, organisation, {
          ...{ id, subject_kind: subject.kind, subject: subject.id, since, until, source: 'own' },
          address_index: await indexOf(organisation, address),
          address: await vault.sealValue('record', binding(organisation, id), address),
          created_at: clock.now(),
        });
        const subjects = [
          { kind: 'care-relationship', id },
          { kind: subject.kind, id: subject.id },
        ];
        const entry = { organisation, action: 'care-relationship.recorded', actor, subjects };
        await audit.append(tx, auditEntry(caller, entry));
        return { id };
      }),

    end: (caller, id) =>
      changeAccess(ports, caller, async (tx) => {
        const { organisation, actor } = caller;
        if (!(await endCareRow(tx, organisation, id, clock.now()))) throw new Refusal('not-found');
        const subjects = [{ kind: 'care-relationship', id }];
        const entry = { organisation, action: 'care-relationship.ended', actor, subjects };
        await audit.append(tx, auditEntry(caller, entry));
      }),

    async requireContent(tx, caller, message) {
      const sent = { kind: 'mailbox', id: indexForm(message.sender) } as const;
      if (hasAccess(caller, 'messages:read-content', sent)) return;
      const { actor, organisation } = caller;
      const underCare =
        hasAccess(caller, 'messages:read-content', careScope(null)) ||
        hasAccess(caller, 'messages:read-content', careScope(sent));
      // Held for other senders only: as if it did not exist.
      if (!underCare || actor.kind !== 'person') throw new Refusal('not-found');
      if (await isSender(tx, actor.identity, message)) return;
      const indexes = await Promise.all(message.addresses.map((address) => indexOf(organisation, address)));
      if (await caresForAny(tx, organisation, actor.identity, indexes, clock.now())) return;
      throw new Refusal('not-permitted', {
        ...{ permission: 'messages:read-content', reason: 'care-relationship' },
        hint: 'break-glass',
      });
    },
  };
}

/** As mailbox scopes are written. */
function indexForm({ local, domain }: Address): string {
  return `${local.normalize('NFC').toLowerCase()}@${domain}`;
}
