import type { Actor } from '#core/actor';
import type { OrganisationId, SessionId } from '#core/ids';
import { type AccessPorts, auditEntry, type From } from './ports.ts';

const EVERY_MS = 60_000;
const MOST_KNOWN = 2_000;
const MOST_A_MINUTE = 60;

interface Behind {
  readonly organisation: OrganisationId;
  readonly actor: Actor;
  readonly session: { readonly id: SessionId };
}

/**
 * Writes entries of what may happen at every request of a session: at most one a minute and session, and sixty a minute over all
 * of this process, with the number of those left out since the last one, so that nobody can flood the audit.
 */
export function createSessionNotes(
  { database, audit, clock }: AccessPorts,
  action: string,
  result: 'done' | 'refused',
) {
  const known = new Map<SessionId, { at: number; missed: number }>();
  let minute = { at: 0, written: 0 };
  return async (behind: Behind, reason: string, from: From): Promise<void> => {
    const { organisation, actor, session } = behind;
    const now = clock.monotonic();
    if (now - minute.at > EVERY_MS) minute = { at: now, written: 0 };
    const last = known.get(session.id);
    if ((last !== undefined && now - last.at < EVERY_MS) || minute.written >= MOST_A_MINUTE) {
      if (last !== undefined) last.missed += 1;
      return;
    }
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(session.id, { at: now, missed: 0 });
    minute.written += 1;
    const details = { reason, earlier: last?.missed ?? 0 };
    const subjects = [{ kind: 'session', id: session.id }];
    await database.tenant([organisation], 'app', async (tx) => {
      const entry = { organisation, action, actor, subjects, details };
      await audit.append(tx, auditEntry(from, { ...entry, result }));
    });
  };
}
