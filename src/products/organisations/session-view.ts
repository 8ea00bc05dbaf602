import type { z } from 'zod';
import { Refusal } from '#core/errors';
import type { SignInOutcome, StartedSession } from '#platform/access';
import { type Cookies, csrfToken, SESSION_COOKIE } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import type { sessionSchema } from './schemas.ts';

export type SessionView = z.output<typeof sessionSchema>;

interface Viewed {
  readonly identity: StartedSession['identity'];
  readonly organisation: StartedSession['organisation'];
  readonly permissions: ReadonlySet<SessionView['permissions'][number]>;
  /** Held for single things only. */
  readonly scoped: ReadonlyMap<SessionView['permissions'][number], unknown> | undefined;
  readonly expiresAt: Date;
  readonly idleSeconds: number;
  readonly csrf: string;
}

/** Who is signed in, where, and what they may do. */
export async function viewSession({ access }: OrganisationPorts, session: Viewed): Promise<SessionView> {
  const [person, ids, installation] = await Promise.all([
    access.members.person(session.identity),
    access.members.organisationsOf(session.identity),
    access.installation.current(),
  ]);
  const organisations = (await access.organisations.load(ids)).map(({ id, name, slug }) => ({
    id,
    name,
    slug,
  }));
  const organisation = organisations.find(({ id }) => id === session.organisation);
  // Another process has just ended the membership, and this one still believes the session for a moment.
  if (person === undefined || organisation === undefined) throw new Refusal('not-authenticated');
  return {
    identity: { id: person.id, displayName: person.displayName, address: person.address },
    organisation,
    organisations,
    permissions: [...session.permissions],
    scoped: [...(session.scoped?.keys() ?? [])].filter((one) => !session.permissions.has(one)),
    mode: installation.mode,
    expiresAt: session.expiresAt.toISOString(),
    idleSeconds: session.idleSeconds,
    csrf: session.csrf,
  };
}

/** Gives the browser its cookie and says who has just signed in. */
export async function welcome(
  needs: OrganisationPorts,
  started: StartedSession,
  cookies: Cookies,
): Promise<SessionView> {
  const live = await needs.access.sessions.authenticate(started.token);
  if (started.denied) throw new Refusal('not-permitted', { reason: 'access-rule' });
  if (live === null) throw new Error('a session that has just been started does not stand');
  cookies.set(SESSION_COOKIE, started.token, { sameSite: 'strict' });
  return viewSession(needs, {
    identity: started.identity,
    organisation: started.organisation,
    permissions: live.permissions,
    scoped: live.scoped,
    expiresAt: live.session.expiresAt,
    idleSeconds: live.session.idleSeconds,
    csrf: csrfToken(started.token),
  });
}

/** How a sign-in is answered: with a session, or with what must be added before there is one. */
export async function answer(needs: OrganisationPorts, outcome: SignInOutcome, cookies: Cookies) {
  if (outcome.kind === 'session')
    return { status: 200, body: await welcome(needs, outcome.started, cookies) } as const;
  const { ceremony, due, demanded, expiresAt } = outcome.due;
  return { status: 202, body: { ceremony, due, demanded, expiresAt: expiresAt.toISOString() } } as const;
}
