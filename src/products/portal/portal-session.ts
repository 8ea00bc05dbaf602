import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Locale, newId, randomToken } from '#platform/runtime';
import { recordRecipient, type Visit } from './audit.ts';
import { marksOf } from './circumstances.ts';
import { carriedOver, type Factor, factorsOf, passkeyAddedAfter } from './factors.ts';
import { type ApartOrganisation, findPlaces, ownPlaces } from './find-places.ts';
import type { OrganisationProfile, PortalNeeds } from './needs.ts';
import { strengthenPasskey } from './passkey.store.ts';
import { findPerson, setPersonLocale } from './person.store.ts';
import type { Care, Place } from './place.ts';
import { portalParts } from './portal-parts.ts';
import {
  endSession,
  findSession,
  insertSession,
  loadSession,
  type SessionDelegation,
  type SessionRow,
  touchSession,
} from './session.store.ts';
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
  /** What the session was proved with, at its home. */
  readonly proofs: readonly Factor[];
  /** What of that counts where the viewer stands (`carriedOver`). */
  readonly proved: readonly Factor[];
  readonly passkey: string | null;
  /**
   * Set where the organisation's own patient portal vouched for who it is. Such a session shows that one organisation and
   * nothing else, for as long as it lasts, whatever is proved on top of it: the portal may say any address.
   */
  readonly delegation: SessionDelegation | null;
  readonly endsAt: Date;
}

/** What a session begins with when nothing more is said. */
const LEAST = { code: ['mailed-code'], device: ['device'] } as const;

export interface SessionProof {
  readonly proved: readonly Factor[];
  readonly passkey?: string;
  /** By whose word; with the proofs that say so, and never without. */
  readonly delegation?: SessionDelegation;
  /** The session in which more was proved: its proofs and its end stay, itself ends. */
  readonly onto?: Viewer | null;
}

/** Starts a session in the open transaction. Returns the token for the cookie; only its hash is kept. */
export async function startSession(
  needs: PortalNeeds,
  tx: Transaction,
  who: { readonly organisation: OrganisationId; readonly person: PortalPersonId },
  visit: Visit,
  by: 'code' | 'device' | 'passkey' | 'question' | 'organisation-portal',
  proof: SessionProof = { proved: by === 'code' || by === 'device' ? LEAST[by] : [] },
): Promise<string> {
  const token = randomToken();
  const createdAt = needs.clock.now();
  const onto = proof.onto ?? null;
  const kept = onto === null ? null : goesOn(onto, who);
  const proved = [...new Set([...(kept?.proved ?? []), ...proof.proved])];
  const passkey = proof.passkey ?? kept?.passkey ?? null;
  if (onto !== null && kept?.atHome === true) await endSession(tx, onto.session, createdAt);
  await insertSession(tx, {
    id: newId(needs.clock),
    ...who,
    tokenHash: tokenHash(token),
    createdAt,
    expiresAt: kept?.endsAt ?? new Date(createdAt.getTime() + LONGEST_MS),
    factors: proved,
    passkey,
    delegation: proof.delegation ?? kept?.delegation ?? null,
    circumstances: await marksOf(needs, who.organisation, visit),
  });
  // The passkey of a session that has two kinds of proof now stands for both from here on.
  if (passkey !== null && passkeyAddedAfter(proved) === 'passkey')
    await strengthenPasskey(tx, passkey, proved.includes('own-mailbox'));
  await recordRecipient(needs, tx, visit, { ...who, action: 'portal.signed-in', details: { by } });
  return token;
}

/**
 * What of a session goes on in the next one: all of it for the same person, the proof of the mailbox for the same address
 * at another organisation that is shown together with it, nothing for anybody else.
 */
function goesOn(
  onto: Viewer,
  who: { readonly organisation: OrganisationId; readonly person: PortalPersonId },
): (Pick<Viewer, 'passkey' | 'endsAt' | 'delegation' | 'proved'> & { readonly atHome: boolean }) | null {
  const own = ownPlaces(onto);
  const place = own.find(
    ({ organisation, person }) => organisation === who.organisation && person === who.person,
  );
  if (place === undefined) return null;
  const { proofs, passkey, endsAt, delegation } = onto;
  return place === own[0]
    ? { atHome: true, proved: proofs, passkey, endsAt, delegation }
    : { atHome: false, proved: carriedOver(proofs), passkey: null, endsAt, delegation: null };
}

/** Who acts: the person signed in, as the organisation at which they stand knows them; not the patient they look after. */
export function actorOf({ person, care }: Pick<Viewer, 'person' | 'care'>): PortalPersonId {
  return care?.caregiver ?? person;
}

/**
 * Who is signed in; null without a living session (8 hours at most, 30 minutes idle). A session whose cookie comes from other
 * circumstances than it began in ends there and then: it was carried away, and its owner is asked again too.
 */
export async function viewerOf(
  needs: PortalNeeds,
  token: string | undefined,
  visit: Visit,
): Promise<Viewer | null> {
  if (token === undefined || !looksLikeToken(token)) return null;
  const found = await needs.database.system('app', (tx) => findSession(tx, tokenHash(token)));
  if (found === undefined) return null;
  const { organisation } = found;
  const { circumstancesChanged: changed } = needs.parts ?? portalParts();
  const now = needs.clock.now();
  const marks = await marksOf(needs, organisation, visit);
  const home = await needs.database.tenant([organisation], 'app', async (tx) => {
    const session = await loadSession(tx, found.session, now, new Date(now.getTime() - IDLE_MS));
    if (session === undefined) return null;
    if (session.circumstances !== null && changed(session.circumstances, marks))
      return endElsewhere(needs, tx, organisation, session, visit);
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
      proofs: factorsOf(session.factors),
      proved: factorsOf(session.factors),
      passkey: session.passkey,
      endsAt: session.expiresAt,
      delegation: delegationOf(session),
    };
  });
  if (home === null) return null;
  // By one organisation's word, or by what it has put on record, nobody is looked up in any other.
  const lookup = home.delegation === null && carriedOver(home.proofs).length > 0 ? home.lookup : null;
  return { ...home, care: null, located: false, ...(await findPlaces(needs, home, lookup)) };
}

function delegationOf(row: SessionRow): SessionDelegation | null {
  const { delegation: id, delegationSubject: subject, delegationSid: sid } = row;
  return id === null || subject === null ? null : { id, subject, sid };
}

async function endElsewhere(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  { id, person }: SessionRow,
  visit: Visit,
): Promise<null> {
  if (await endSession(tx, id, needs.clock.now()))
    await recordRecipient(needs, tx, visit, {
      ...{ organisation, person, action: 'portal.session-ended', result: 'refused' },
      details: { reason: 'circumstances' },
    });
  return null;
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
