import type { Caller, Permission } from '#core/actor';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import { readGuardrailsAbove } from './grants.store.ts';
import { guardrailOf } from './grants.ts';
import { changeAccess, type GrantingPorts } from './holdings.ts';
import { ORGANISATION_PERMISSIONS, requireAccess } from './permissions.ts';
import { auditEntry } from './ports.ts';
import { placeBelow, readGuardrailRow, writeGuardrailRow } from './role.store.ts';
import { type Guardrail, wantedOf } from './standing.ts';

export type GuardrailRules = Pick<Guardrail, 'denied' | 'caps'>;

/** Bounds that an organisation sets for all those below it. None of them can loosen what stands above. */
export interface Guardrails {
  /** What this organisation forbids those below, and what those above forbid here. */
  read(caller: Caller): Promise<{ readonly own: GuardrailRules; readonly above: readonly Guardrail[] }>;
  /** Replaces the rules. Whoever loosens one must hold what it then lets through. */
  change(caller: Caller, rules: GuardrailRules): Promise<void>;
  /**
   * Puts an organisation below another, or below none. For the operator of the installation; on record in the log of the
   * organisation that is moved. Refusal `wrong-state` when it would stand below itself, or deeper than nine.
   */
  place(caller: Caller, child: OrganisationId, parent: OrganisationId | null): Promise<void>;
}

export function createGuardrails(ports: GrantingPorts): Guardrails {
  const { database, audit, clock, sessions } = ports;
  return {
    async read(caller) {
      requireAccess(caller, 'roles:read');
      const { organisation } = caller;
      const [own, above] = await database.tenant([organisation], 'app', (tx) =>
        Promise.all([readGuardrailRow(tx, organisation), readGuardrailsAbove(tx, organisation)]),
      );
      return { own: rulesOf(organisation, own), above: above.map(guardrailOf) };
    },

    change: (caller, rules) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation, actor } = caller;
        const before = rulesOf(organisation, await readGuardrailRow(tx, organisation));
        const permissions = loosened(before, rules);
        holdings.requireAll(wantedOf({ permissions, careOnly: false }, { scope: null, until: null }));
        const caps = Object.fromEntries(
          Object.entries(rules.caps).map(([role, most]) => [role.toLowerCase(), [...most]]),
        );
        await writeGuardrailRow(tx, organisation, { denied: [...rules.denied], caps }, clock.now());
        const details = { denied: rules.denied.join(' '), caps: Object.keys(caps).length };
        const entry = { organisation, action: 'guardrail.changed', actor, details };
        await audit.append(tx, auditEntry(caller, entry));
        tx.afterCommit(sessions.forgetEverybody);
      }),

    async place(caller, child, parent) {
      requireAccess(caller, 'installation:operate');
      await database.tenant([child], 'app', async (tx) => {
        if (!(await placeBelow(tx, child, parent)))
          throw new Refusal('wrong-state', { reason: 'cannot-stand-there' });
        const subjects = parent === null ? [] : [{ kind: 'organisation', id: parent }];
        const entry = { organisation: child, action: 'organisation.placed', actor: caller.actor, subjects };
        await audit.append(tx, auditEntry(caller, entry));
        tx.afterCommit(sessions.forgetEverybody);
      });
    },
  };
}

function rulesOf(
  organisation: OrganisationId,
  row: Awaited<ReturnType<typeof readGuardrailRow>>,
): GuardrailRules {
  const { denied, caps } = guardrailOf({ organisation, denied: row?.denied ?? [], caps: row?.caps ?? {} });
  return { denied, caps };
}

/** What new rules let through that those before did not. A cap that goes altogether may let through whatever it did not name. */
function loosened(before: GuardrailRules, after: GuardrailRules): Permission[] {
  const through = new Set<Permission>(
    before.denied.filter((permission) => !after.denied.includes(permission)),
  );
  for (const [role, most] of Object.entries(before.caps)) {
    const now = after.caps[role];
    for (const permission of now ?? ORGANISATION_PERMISSIONS)
      if (!most.includes(permission)) through.add(permission);
  }
  return [...through];
}
