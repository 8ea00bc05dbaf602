import type { Caller } from '#core/actor';
import type { Owner } from '#platform/access';
import type { SessionContext } from '#platform/http';

/** The person behind a session, as the one whose account is changed. */
export function ownerOf(caller: Caller, session: SessionContext): Owner {
  return { caller, identity: session.identity, session: session.id };
}
