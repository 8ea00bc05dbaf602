import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Locale, newId, randomToken } from '#platform/runtime';
import { recordRecipient, type Visit } from './audit.ts';
import { carriedOver, type Factor, factorsOf, passkeyAddedAfter } from './factors.ts';
import type { OrganisationProfile, PortalNeeds } from './needs.ts';
import { strengthenPasskey } from './passkey.store.ts';
import { findPeopleByLookup, findPerson, setPersonLocale } from './person.store.ts';
import { endSession, findSession, insertSession, loadSession, touchSession } from './session.store.ts';
import { looksLikeToken, tokenHash } from './token.ts';

const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 8 * 60 * 60_000;
/** `last_used_at` is written at most this often. */
const TOUCH_MS = 60_000;

/** A signed-in recipient, bound to one organisation. */
export interface Viewer {
  readonly organisation: OrganisationId;
  readonly person: PortalPersonId;
  readonly session: string;
  readonly locale: Locale;
  readonly profile: OrganisationProfile;
  /** Finds the same address in other organisations; null for people made before it was kept. */
  readonly lookup: Buffer | null;
  /** What the session was proved with. */
  readonly proved: readonly Factor[];
  readonly passkey: string | null;
  readonly endsAt: Date;
}

/** What a session begins with when nothing more is said. */
const LEAST = { code: ['mailed-code'], device: ['device'], 'same-address': ['device'] } as const;

export interface SessionProof {
  readonly proved: readonly Factor[];
  readonly passkey?: string;
  /** The session in which more was proved: its proofs and its end stay, itself ends. */
  readonly onto?: Viewer | null;
}

/** Starts a session in the open transaction. Returns the token for the cookie; only its hash is kept. */
export async function startSession(
  needs: PortalNeeds,
  tx: Transaction,
  who: { readonly organisation: OrganisationId; readonly person: PortalPersonId },
  visit: Visit,
  by: 'code' | 'device' | 'same-address' | 'passkey' | 'question',
  proof: SessionProof = { proved: by === 'passkey' || by === 'question' ? [] : LEAST[by] },
): Promise<string> {
  const token = randomToken();
  const createdAt = needs.clock.now();
  const onto = proof.onto?.person === who.person ? proof.onto : null;
  const proved = [...new Set([...(onto?.proved ?? []), ...proof.proved])];
  const passkey = proof.passkey ?? onto?.passkey ?? null;
  if (onto !== null) await endSession(tx, onto.session, createdAt);
  await insertSession(tx, {
    id: newId(needs.clock),
    ...who,
    tokenHash: tokenHash(token),
    createdAt,
    expiresAt: onto?.endsAt ?? new Date(createdAt.getTime() + LONGEST_MS),
    factors: proved,
    passkey,
  });
  // The passkey of a session that has two kinds of proof now stands for both from here on.
  if (passkey !== null && passkeyAddedAfter(proved) === 'passkey') await strengthenPasskey(tx, passkey);
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
  return needs.database.tenant([organisation], 'app', async (tx) => {
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
      proved: factorsOf(session.factors),
      passkey: session.passkey,
      endsAt: session.expiresAt,
    };
  });
}

/** Signs out: the session ends at once. */
export async function signOut(needs: PortalNeeds, viewer: Viewer, visit: Visit): Promise<void> {
  await needs.database.tenant([viewer.organisation], 'app', async (tx) => {
    await endSession(tx, viewer.session, needs.clock.now());
    await recordRecipient(needs, tx, visit, { ...viewer, action: 'portal.signed-out' });
  });
}

/** The language in which this organisation writes to the recipient from now on. */
export async function chooseLocale(needs: PortalNeeds, viewer: Viewer, locale: Locale): Promise<void> {
  await needs.database.tenant([viewer.organisation], 'app', (tx) =>
    setPersonLocale(tx, viewer.person, locale),
  );
}

export interface OtherOrganisation {
  readonly organisation: OrganisationId;
  readonly person: PortalPersonId;
  readonly name: string;
}

/** Other organisations that wrote to the address which this person has proved to hold. */
export async function otherOrganisations(needs: PortalNeeds, viewer: Viewer): Promise<OtherOrganisation[]> {
  const { lookup } = viewer;
  if (lookup === null) return [];
  const people = await needs.database.system('app', (tx) => findPeopleByLookup(tx, lookup));
  const others: OtherOrganisation[] = [];
  for (const { organisation, person } of people) {
    if (organisation === viewer.organisation) continue;
    const { name } = await needs.database.tenant([organisation], 'app', (tx) =>
      needs.organisation(tx, organisation),
    );
    others.push({ organisation, person, name });
  }
  return others;
}

/** Goes over to another organisation that wrote to the same address; null when there is none such. */
export async function switchOrganisation(
  needs: PortalNeeds,
  viewer: Viewer,
  person: string,
  visit: Visit,
): Promise<string | null> {
  const target = (await otherOrganisations(needs, viewer)).find((other) => other.person === person);
  if (target === undefined) return null;
  await signOut(needs, viewer, visit);
  return needs.database.tenant([target.organisation], 'app', (tx) =>
    startSession(
      needs,
      tx,
      { organisation: target.organisation, person: target.person },
      visit,
      'same-address',
      { proved: carriedOver(viewer.proved) },
    ),
  );
}
