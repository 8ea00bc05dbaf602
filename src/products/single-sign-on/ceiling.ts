import { type Caller, PERMISSIONS, type Permission } from '#core/actor';
import { hasAccess } from '#platform/access';

/** Everything in an organisation, also what a later release adds: an upgrade must not lock its administrators out. */
const EVERYTHING = '*';
/** Reaches beyond the organisation, and is never part of everything in it. */
const OPERATE: Permission = 'installation:operate';

/** What nobody who comes in by a connection may exceed: what whoever decided on it held, and holds for good. */
export function ceilingOf(caller: Pick<Caller, 'permissions'>): string[] {
  const held = PERMISSIONS.filter((permission) => hasAccess(caller, permission));
  const [operates, others] = [held.includes(OPERATE), PERMISSIONS.filter((one) => one !== OPERATE)];
  if (!others.every((permission) => held.includes(permission))) return held;
  return operates ? [EVERYTHING, OPERATE] : [EVERYTHING];
}

/** Whether everything that somebody may do is within a ceiling. */
export function withinCeiling(ceiling: readonly string[], held: Iterable<Permission>): boolean {
  const most = new Set(ceiling);
  return [...held].every(
    (permission) => most.has(permission) || (permission !== OPERATE && most.has(EVERYTHING)),
  );
}
