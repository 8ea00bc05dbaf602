import type { Caller, Scope } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import type { AssignmentRow } from './grants.store.ts';
import { openScope, readRoleContents, scopeBinding } from './grants.ts';
import {
  endAssignmentRow,
  insertAssignmentRow,
  listAssignmentRows,
  readAssignmentRow,
  readGroupRow,
} from './group.store.ts';
import { changeAccess, type GrantingPorts, keepAdministrator } from './holdings.ts';
import { readRoles } from './identity.store.ts';
import { requireAccess } from './permissions.ts';
import { auditEntry } from './ports.ts';
import { wantedOf } from './standing.ts';

export type AssignmentSubject =
  | { readonly kind: 'identity'; readonly id: IdentityId }
  | { readonly kind: 'group'; readonly id: string };

export interface NewAssignment {
  readonly subject: AssignmentSubject;
  readonly role: string;
  /** Null: everywhere in the organisation. */
  readonly scope: (Scope & { readonly kind: Exclude<Scope['kind'], 'care'> }) | null;
  /** Null: without end. */
  readonly expiresAt: Date | null;
}

export interface Assignment extends NewAssignment {
  readonly id: string;
  readonly source: string;
  readonly createdAt: Date;
}

/** Roles given to a person or a group, everywhere or for one thing, for good or for a time. */
export interface Assignments {
  /** Those that stand; of one person or group, or of everybody. */
  list(caller: Caller, subject: string | null, after: string | null, most: number): Promise<Assignment[]>;
  /**
   * Nobody gives what they do not hold at least as widely and as long (`not-permitted`). Refusals `not-found` for role or
   * subject, `invalid` for an end that has passed.
   */
  assign(caller: Caller, wanted: NewAssignment): Promise<{ readonly id: string }>;
  /** Nobody takes what they do not hold. Refusals `not-found`, `wrong-state`. */
  unassign(caller: Caller, id: string): Promise<void>;
}

export function createAssignments(ports: GrantingPorts): Assignments {
  const { database, vault, audit, clock, sessions } = ports;

  const forget = (tx: Transaction, subject: AssignmentSubject): void =>
    tx.afterCommit(() => {
      if (subject.kind === 'identity') sessions.forgetPerson(subject.id);
      else sessions.forgetEverybody();
    });

  async function record(
    tx: Transaction,
    caller: Caller,
    action: string,
    {
      id,
      subject,
      role,
      scope,
      expiresAt,
    }: Pick<Assignment, 'id' | 'subject' | 'role' | 'scope' | 'expiresAt'>,
  ): Promise<void> {
    const { organisation, actor } = caller;
    const subjects = [
      { kind: 'role-assignment', id },
      { kind: subject.kind, id: subject.id },
    ];
    // Of the scope its kind alone: a mailbox is an address.
    const details = {
      role,
      scope: scope?.kind ?? 'organisation',
      expiresAt: expiresAt?.toISOString() ?? null,
    };
    await audit.append(tx, auditEntry(caller, { organisation, action, actor, subjects, details }));
  }

  return {
    async list(caller, subject, after, most) {
      requireAccess(caller, 'roles:read');
      const { organisation } = caller;
      const filter = { subject, after, now: clock.now() };
      const rows = await database.tenant([organisation], 'app', (tx) =>
        listAssignmentRows(tx, organisation, filter, most),
      );
      return Promise.all(
        rows.map(async (row) => ({
          ...{ id: row.id, subject: subjectOf(row), role: row.role, source: row.source },
          scope: scopeOf(await openScope(vault, organisation, row)),
          ...{ createdAt: row.created_at, expiresAt: row.expires_at },
        })),
      );
    },

    assign: (caller, wanted) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation, actor } = caller;
        const { subject, role, scope, expiresAt } = wanted;
        const now = clock.now();
        if (expiresAt !== null && expiresAt <= now) throw new Refusal('invalid', { path: 'expiresAt' });
        const contents = (await readRoleContents(tx, organisation, [role])).get(role);
        if (contents === undefined) throw new Refusal('not-found', { path: 'role' });
        const known =
          subject.kind === 'identity'
            ? await readRoles(tx, organisation, subject.id)
            : await readGroupRow(tx, organisation, subject.id);
        if (known === undefined) throw new Refusal('not-found', { path: 'subject' });
        holdings.requireAll(wantedOf(contents, { scope, until: expiresAt }));
        const id = newId(clock);
        const sealed =
          scope === null
            ? null
            : await vault.sealValue('configuration', scopeBinding(organisation, id), scope.id);
        await insertAssignmentRow(tx, organisation, {
          ...{ id, subject_kind: subject.kind, subject: subject.id, role, source: 'own' },
          ...{ scope_kind: scope?.kind ?? 'organisation', scope_id: sealed },
          ...{ created_at: now, expires_at: expiresAt },
          created_by: actor.kind === 'person' ? actor.identity : null,
        });
        await record(tx, caller, 'role.assigned', { id, ...wanted });
        forget(tx, subject);
        return { id };
      }),

    unassign: (caller, id) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation } = caller;
        const row = await readAssignmentRow(tx, organisation, id, clock.now());
        if (row === undefined) throw new Refusal('not-found');
        const [scope, roles] = await Promise.all([
          openScope(vault, organisation, row),
          readRoleContents(tx, organisation, [row.role]),
        ]);
        const contents = roles.get(row.role);
        if (contents !== undefined && scope !== undefined)
          holdings.requireAll(wantedOf(contents, { scope, until: row.expires_at }));
        await keepAdministrator(tx, ports, organisation, () =>
          endAssignmentRow(tx, organisation, id, clock.now()),
        );
        const ended = { id, subject: subjectOf(row), role: row.role, expiresAt: row.expires_at };
        await record(tx, caller, 'role.unassigned', { ...ended, scope: scopeOf(scope) });
        forget(tx, ended.subject);
      }),
  };
}

function subjectOf({ subject_kind, subject }: AssignmentRow): AssignmentSubject {
  return subject_kind === 'identity'
    ? { kind: 'identity', id: subject as IdentityId }
    : { kind: 'group', id: subject };
}

/** A kind that this release does not know is shown as everywhere is not: it gives nothing, and an id that says so. */
function scopeOf(scope: Scope | null | undefined): NewAssignment['scope'] {
  if (scope === null || scope === undefined || scope.kind === 'care') return null;
  return { kind: scope.kind, id: scope.id };
}
