import type { Permission, Scope } from '#core/actor';
import type { OrganisationId } from '#core/ids';

/** What a role holds. The key it is known by is a ready role's name, or the id of one of the organisation's own. */
export interface RoleContents {
  /** The name that people know it by; guardrails speak of names. */
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** Reading content counts for one's own messages and patients only, where the organisation has turned that rule on. */
  readonly careOnly: boolean;
}

/** A role as somebody has it. */
export interface Given {
  readonly role: string;
  readonly via: 'direct' | 'assignment' | 'group';
  readonly assignment: string | null;
  readonly group: string | null;
  /** Null: everywhere in the organisation. */
  readonly scope: Scope | null;
  /** Null: without end. */
  readonly until: Date | null;
}

/** What an organisation forbids those below it. */
export interface Guardrail {
  readonly organisation: OrganisationId;
  /** Nobody below may hold these. */
  readonly denied: readonly Permission[];
  /** By role name in lower case: the most that a role of that name gives below. */
  readonly caps: Readonly<Record<string, readonly Permission[]>>;
}

/** All that decides what one person may do in one organisation. */
export interface Standing {
  readonly operator: boolean;
  readonly given: readonly Given[];
  readonly roles: ReadonlyMap<string, RoleContents>;
  /** The most that this person may hold; null: no bound. */
  readonly boundary: readonly Permission[] | null;
  /** Nearest parent first; all of them count. */
  readonly guardrails: readonly Guardrail[];
  /** Whether the rule of care relationships is on. */
  readonly careRule: boolean;
}

/** Why a permission that a role holds does not reach the person. */
export type Stop =
  | { readonly code: 'boundary' }
  | { readonly code: 'guardrail' | 'role-cap'; readonly organisation: OrganisationId };

/** One way by which a permission comes, or would come, to a person. */
export interface Source extends Given {
  readonly permission: Permission;
  readonly careOnly: boolean;
  /** Under the rule of care relationships, so that it counts for single messages only. */
  readonly underCare: boolean;
  readonly stopped: Stop | null;
}

/** What a person may do in one organisation: everywhere in it, and for single things. */
export interface Grants {
  readonly permissions: ReadonlySet<Permission>;
  readonly scoped: ReadonlyMap<Permission, readonly Scope[]>;
  /** Every role held, by name or id, however it came. */
  readonly roles: readonly string[];
}

/** The permission that the rule of care relationships is about. */
const CARE_PERMISSION: Permission = 'messages:read-content';
/** Belongs to the installation, so no role, boundary or guardrail of an organisation touches it. */
const OPERATOR: Permission = 'installation:operate';

/** What a held permission under the care rule looks like: `everywhere`, or within the scope of its assignment. */
export function careScope(scope: Scope | null): Scope {
  return { kind: 'care', id: scope === null ? 'everywhere' : `${scope.kind}:${scope.id}` };
}

/** Which guardrail stops this permission of a role with this name; null when none does. */
export function guardrailStop(
  guardrails: readonly Guardrail[],
  roleName: string,
  permission: Permission,
): Stop | null {
  for (const { organisation, denied, caps } of guardrails) {
    if (denied.includes(permission)) return { code: 'guardrail', organisation };
    const cap = Object.hasOwn(caps, roleName.toLowerCase()) ? caps[roleName.toLowerCase()] : undefined;
    if (cap !== undefined && !cap.includes(permission)) return { code: 'role-cap', organisation };
  }
  return null;
}

/**
 * Every way by which every permission comes to the person, also those that are stopped. The one place where roles, groups,
 * scopes, boundary, guardrails and the care rule meet: what sessions hold, what the simulator says and what may be passed on
 * are all read from it.
 */
export function sourcesOf(standing: Standing): Source[] {
  const sources: Source[] = [];
  for (const given of standing.given) {
    const role = standing.roles.get(given.role);
    if (role === undefined) continue;
    for (const permission of role.permissions) {
      if (permission === OPERATOR) continue;
      const careOnly = role.careOnly && permission === CARE_PERMISSION;
      const bounded = standing.boundary !== null && !standing.boundary.includes(permission);
      sources.push({
        ...given,
        permission,
        careOnly,
        underCare: careOnly && standing.careRule,
        // The boundary first: what it stops may not even be passed on.
        stopped: bounded ? { code: 'boundary' } : guardrailStop(standing.guardrails, role.name, permission),
      });
    }
  }
  return sources;
}

/** What sessions hold. */
export function grantsOf(standing: Standing): Grants {
  const permissions = new Set<Permission>(standing.operator ? [OPERATOR] : []);
  const scoped = new Map<Permission, Scope[]>();
  for (const { permission, scope, underCare, stopped } of sourcesOf(standing)) {
    if (stopped !== null) continue;
    const narrowed = underCare ? careScope(scope) : scope;
    if (narrowed === null) permissions.add(permission);
    else if (!scoped.get(permission)?.some((one) => sameScope(one, narrowed)))
      scoped.set(permission, [...(scoped.get(permission) ?? []), narrowed]);
  }
  const roles = [...new Set(standing.given.map(({ role }) => role))];
  return { permissions, scoped, roles };
}

export function sameScope(a: Scope, b: Scope): boolean {
  return a.kind === b.kind && a.id === b.id;
}

/** One line of an explanation: a code, and what it is about. */
export interface Reason {
  readonly code:
    | 'granted'
    | 'operator'
    | 'other-scope'
    | 'care-relationship-needed'
    | 'stopped-by-boundary'
    | 'stopped-by-guardrail'
    | 'stopped-by-role-cap'
    | 'no-role-holds-it'
    | 'not-a-member';
  readonly role: string | null;
  readonly via: Given['via'] | null;
  readonly group: string | null;
  readonly assignment: string | null;
  readonly scope: Scope | null;
  readonly until: Date | null;
  /** Whose guardrail it is. */
  readonly organisation: OrganisationId | null;
}

export interface Explanation {
  readonly allowed: boolean;
  readonly reasons: readonly Reason[];
}

export function bareReason(code: Reason['code']): Reason {
  return {
    code,
    role: null,
    via: null,
    group: null,
    assignment: null,
    scope: null,
    until: null,
    organisation: null,
  };
}

/** Whether somebody who stands so may do this, and by which ways or against which bounds. */
export function explainAccess(standing: Standing, permission: Permission, scope: Scope | null): Explanation {
  if (permission === OPERATOR) {
    const code = standing.operator ? 'operator' : 'no-role-holds-it';
    return { allowed: standing.operator, reasons: [bareReason(code)] };
  }
  const reasons = sourcesOf(standing)
    .filter((source) => source.permission === permission)
    .map((source): Reason => {
      const { role, via, group, assignment, until } = source;
      const organisation =
        source.stopped !== null && 'organisation' in source.stopped ? source.stopped.organisation : null;
      return {
        code: codeOf(source, scope),
        role,
        via,
        group,
        assignment,
        scope: source.scope,
        until,
        organisation,
      };
    });
  const allowed = reasons.some(({ code }) => code === 'granted');
  if (reasons.length === 0) reasons.push(bareReason('no-role-holds-it'));
  return { allowed, reasons };
}

function codeOf(source: Source, asked: Scope | null): Reason['code'] {
  if (source.stopped !== null) return `stopped-by-${source.stopped.code}`;
  if (source.underCare) {
    return asked !== null && sameScope(careScope(source.scope), asked)
      ? 'granted'
      : 'care-relationship-needed';
  }
  if (source.scope !== null && (asked === null || !sameScope(source.scope, asked))) return 'other-scope';
  return 'granted';
}

/** What an act would give to somebody. */
export interface Wanted {
  readonly permission: Permission;
  readonly scope: Scope | null;
  readonly until: Date | null;
  readonly careOnly: boolean;
  /** Name of the role that would give it, whose caps then hold; null: no role's, so that no cap stops it. */
  readonly role: string | null;
}

/** What a role gives when it is given so. */
export function wantedOf(
  role: Pick<RoleContents, 'permissions' | 'careOnly'> & { readonly name?: string },
  given: Pick<Given, 'scope' | 'until'>,
): Wanted[] {
  return role.permissions
    .filter((permission) => permission !== OPERATOR)
    .map((permission) => ({
      permission,
      scope: given.scope,
      until: given.until,
      careOnly: role.careOnly && permission === CARE_PERMISSION,
      role: role.name ?? null,
    }));
}

/**
 * Whether somebody may pass this on: held at least as widely and as long, and not narrower by the care rule. What only a
 * guardrail denies may be passed on and stays stopped for everybody: else an administrator below a guardrail could give no
 * ready role at all. What a cap of a role stops may be passed on only where it stays stopped: in a role of another name it
 * would count, for whoever never held it. What a boundary stops may not.
 */
export function mayPassOn(
  sources: readonly Source[],
  wanted: Wanted,
  guardrails: readonly Guardrail[],
): Source | undefined {
  const staysStopped =
    wanted.role !== null && guardrailStop(guardrails, wanted.role, wanted.permission) !== null;
  return sources.find(
    (source) =>
      source.permission === wanted.permission &&
      source.stopped?.code !== 'boundary' &&
      (source.stopped?.code !== 'role-cap' || staysStopped) &&
      (source.scope === null || (wanted.scope !== null && sameScope(source.scope, wanted.scope))) &&
      (source.until === null || (wanted.until !== null && wanted.until <= source.until)) &&
      (!source.careOnly || wanted.careOnly),
  );
}
