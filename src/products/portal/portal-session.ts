import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Locale, newId, randomToken } from '#platform/runtime';
import { recordRecipient, type Visit } from './audit.ts';
import { type ApartOrganisation, findPlaces, ownPlaces } from './find-places.ts';
import type { OrganisationProfile, PortalNeeds } from './needs.ts';
import { findPerson, setPersonLocale } from './person.store.ts';
import type { Care, Place } from './place.ts';
import { endSession, findSession, insertSession, loadSession, touchSession } from './session.store.ts';
import { looksLikeToken, tokenHash } from './token.ts';

const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 8 * 60 * 60_000;
/** `last_used_at` is written at most this often. */
const TOUCH_MS = 60_000;

/**
 * A signed-in recipient at one place: at first the home of the session, later that of what is opened (`viewerAt`). What the
 * session has proved is about the address, and holds at every place.
 */
export interface Viewer {
  readonly organisation: OrganisationId;
  /** Whose messages; the patient where a caregiver looks. */
  readonly person: PortalPersonId;
  /** Null for one's own messages. */
  readonly care: Care | null;
  /** Everything that this session shows, the home first. */
  readonly places: readonly Place[];
  /** Organisations that know the address and ask for a sign-in of their own. */
  readonly apart: readonly ApartOrganisation[];
  /** Whether the viewer stands at a message, and pages bear the name of its organisation. */
  readonly located: boolean;
  readonly session: string;
  readonly locale: Locale;
  readonly profile: OrganisationProfile;
  /** Finds the proved address in other organisations; null for people made before it was kept. */
  readonly lookup: Buffer | null;
}

/** Starts a session in the open transaction. Returns the token for the cookie; only its hash is kept. */
export async function startSession(
  needs: PortalNeeds,
  tx: Transaction,
  who: { readonly organisation: OrganisationId; readonly person: PortalPersonId },
  visit: Visit,
  by: 'code' | 'device',
): Promise<string> {
  const token = randomToken();
  const createdAt = needs.clock.now();
  await insertSession(tx, {
    id: newId(needs.clock),
    ...who,
    tokenHash: tokenHash(token),
    createdAt,
    expiresAt: new Date(createdAt.getTime() + LONGEST_MS),
  });
  await recordRecipient(needs, tx, visit, { ...who, action: 'portal.signed-in', details: { by } });
  return token;
}

/** Who is signed in; null without a living session (8 hours at most, 30 minutes idle). */
export async function viewerOf(needs: PortalNeeds, token: string | undefined): Promise<Viewer | null> {
  if (token === undefined || !looksLikeToken(token)) return null;
  const found = await needs.database.system('app', (tx) => findSession(tx, tokenHash(token)));
  if (found === undefined) return null;
  const { organisation } = found;
  const now = needs.clock.now();
  const home = await needs.database.tenant([organisation], 'app', async (tx) => {
    const session = await loadSession(tx, found.session, now, new Date(now.getTime() - IDLE_MS));
    if (session === undefined) return null;
    const person = await findPerson(tx, session.person);
    if (person === undefined) return null;
    if (now.getTime() - session.lastUsedAt.getTime() > TOUCH_MS) await touchSession(tx, session.id, now);
    return {
      organisation,
      person: person.id,
      session: session.id,
      locale: person.locale,
      profile: await needs.organisation(tx, organisation),
      lookup: person.lookupIndex,
    };
  });
  if (home === null) return null;
  return { ...home, care: null, located: false, ...(await findPlaces(needs, home, home.lookup)) };
}

/** Signs out: the session ends at once. */
export async function signOut(needs: PortalNeeds, viewer: Viewer, visit: Visit): Promise<void> {
  await needs.database.tenant([viewer.organisation], 'app', async (tx) => {
    await endSession(tx, viewer.session, needs.clock.now());
    await recordRecipient(needs, tx, visit, { ...viewer, action: 'portal.signed-out' });
  });
}

/** The language in which the organisations that this session shows write to the recipient from now on. */
export async function chooseLocale(needs: PortalNeeds, viewer: Viewer, locale: Locale): Promise<void> {
  for (const { organisation, person } of ownPlaces(viewer))
    await needs.database.tenant([organisation], 'app', (tx) => setPersonLocale(tx, person, locale));
}
