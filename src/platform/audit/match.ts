import { auditKind } from './kind.ts';
import type { AuditLeaf, AuditQuery } from './list.ts';
import { actorId } from './terms.ts';

const FILTERS = [
  ...(['action', 'actions', 'kinds', 'result', 'subject', 'subjectKind', 'about'] as const),
  ...(['actors', 'channel', 'network', 'request'] as const),
];

/** Whether a query asks for more than a range of time. */
export function isFiltered(query: AuditQuery): boolean {
  return FILTERS.some((name) => query[name] !== undefined);
}

/** Whether an entry, as its own bytes have it, is what a query asks for. The range of time is not looked at. */
export function matches(entry: AuditLeaf, query: AuditQuery): boolean {
  const { action, actions, kinds, result, subject, subjectKind, about, actors, channel, network, request } =
    query;
  const wanted = [...(action === undefined ? [] : [action]), ...(actions ?? [])];
  if (wanted.length > 0 && !wanted.some((one) => isAction(entry.action, one))) return false;
  if (kinds !== undefined && !kinds.has(auditKind(entry.action))) return false;
  if (result !== undefined && entry.result !== result) return false;
  if (!hasSubject(entry, subject, subjectKind)) return false;
  if (about !== undefined && !isAbout(entry, about)) return false;
  if (actors !== undefined && !actors.has(actorId(entry.actor))) return false;
  if (channel !== undefined && entry.origin.channel !== channel) return false;
  if (network !== undefined && entry.origin.address !== network) return false;
  return request === undefined || entry.request === request;
}

function isAction(action: string, wanted: string): boolean {
  return wanted.endsWith('.') ? action.startsWith(wanted) : action === wanted;
}

function hasSubject(entry: AuditLeaf, id: string | undefined, kind: string | undefined): boolean {
  if (id === undefined && kind === undefined) return true;
  return entry.subjects.some(
    (each) => (id === undefined || each.id === id) && (kind === undefined || each.kind === kind),
  );
}

function isAbout(entry: AuditLeaf, ids: ReadonlySet<string>): boolean {
  return ids.has(actorId(entry.actor)) || entry.subjects.some(({ id }) => ids.has(id));
}
