import type { OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import { type CaregiverRow, grantsHeld } from './caregiver.store.ts';
import { openGrantText } from './caregiver-seal.ts';
import { carriedOver } from './factors.ts';
import { locateItem } from './item.store.ts';
import { locateLetter } from './letter.store.ts';
import type { OrganisationProfile, PortalNeeds } from './needs.ts';
import { findPeopleByLookup, findPerson } from './person.store.ts';
import { openPersonAddress } from './person-address.ts';
import type { Care, Place } from './place.ts';
import type { Viewer } from './portal-session.ts';

/** An organisation that knows the same address and is not shown together with the others: it asks for a sign-in of its own. */
export interface ApartOrganisation {
  readonly organisation: OrganisationId;
  readonly person: PortalPersonId;
  readonly name: string;
}

export interface Places {
  /** The home of the session first, then the person's others, then those seen as a caregiver. */
  readonly places: readonly Place[];
  readonly apart: readonly ApartOrganisation[];
}

/**
 * What a session opens now. Its home is where the person signed in; what else it opens follows from the address that was
 * proved, and is looked up at each request: whoever is taken out of one organisation, or whose grant has ended, loses it at
 * once. At most 20 organisations, the newest.
 */
export async function findPlaces(
  needs: PortalNeeds,
  home: { readonly organisation: OrganisationId; readonly person: PortalPersonId },
  lookup: Buffer | null,
): Promise<Places> {
  const known =
    lookup === null ? [] : await needs.database.system('app', (tx) => findPeopleByLookup(tx, lookup));
  const everywhere = [home, ...known.filter(({ organisation }) => organisation !== home.organisation)];
  const ids = everywhere.map(({ organisation }) => organisation);
  return needs.database.tenant(ids, 'app', async (tx) => {
    const own: Place[] = [];
    const apart: ApartOrganisation[] = [];
    for (const { organisation, person } of everywhere) {
      const profile = await needs.organisation(tx, organisation);
      // One that asks for a sign-in of its own is seen neither from elsewhere nor together with anything.
      const together =
        organisation === home.organisation || !(profile.separateSignIn || own[0]?.profile.separateSignIn);
      if (together) own.push({ organisation, person, profile, care: null });
      else apart.push({ organisation, person, name: profile.name });
    }
    const grants = await grantsHeld(tx, own, needs.clock.now());
    const seen: Place[] = [];
    for (const grant of grants) {
      const profile = own.find(({ organisation }) => organisation === grant.organisation)?.profile;
      if (profile !== undefined) seen.push(await placeOfGrant(needs, tx, grant, profile));
    }
    return { places: [...own, ...seen], apart };
  });
}

async function placeOfGrant(
  needs: PortalNeeds,
  tx: Parameters<typeof findPerson>[0],
  grant: CaregiverRow,
  profile: OrganisationProfile,
): Promise<Place> {
  const { organisation, patient } = grant;
  const person = grant.showsAddress ? await findPerson(tx, patient) : undefined;
  const address = person === undefined ? null : await openPersonAddress(needs.vault, organisation, person);
  const care: Care = {
    grant: grant.id,
    caregiver: grant.caregiver,
    label: await openGrantText(needs.vault, grant, 'label'),
    address: address === null ? null : `${address.local}@${address.domain}`,
    mayReply: grant.mayReply,
  };
  return { organisation, person: patient, profile, care };
}

/**
 * The viewer at one of their places: what is opened there is opened under that organisation's name, and by what was proved to
 * it: of what was proved elsewhere only the mailbox counts.
 */
export function viewerAt(viewer: Viewer, place: Place): Viewer {
  const { organisation, person, profile, care } = place;
  const atHome = organisation === viewer.places[0]?.organisation;
  const proved = atHome ? viewer.proofs : carriedOver(viewer.proofs);
  return { ...viewer, organisation, person, profile, care, proved, located: true };
}

/** Places of the viewer's own messages, those of others left out. */
export function ownPlaces(viewer: Viewer): Place[] {
  return viewer.places.filter(({ care }) => care === null);
}

/** The place of a row that a statement over several places returned. */
export function placeOf(
  viewer: Viewer,
  row: { readonly organisation: OrganisationId; readonly grant: string | null },
): Place {
  const place = viewer.places.find(
    ({ organisation, care }) => organisation === row.organisation && (care?.grant ?? null) === row.grant,
  );
  if (place === undefined) throw new Error('a row of no place was returned');
  return place;
}

/** The viewer where this item is shown; as they are where it is shown nowhere, so that opening it finds nothing. */
export async function viewerAtItem(needs: PortalNeeds, viewer: Viewer, item: PortalItemId): Promise<Viewer> {
  const found = await needs.database.tenant(organisationsOf(viewer), 'app', (tx) =>
    locateItem(tx, viewer.places, item, needs.clock.now()),
  );
  return found === undefined ? viewer : viewerAt(viewer, placeOf(viewer, found));
}

/** The same for a letter, which only its writer sees. */
export async function viewerAtLetter(needs: PortalNeeds, viewer: Viewer, letter: string): Promise<Viewer> {
  const found = await needs.database.tenant(organisationsOf(viewer), 'app', (tx) =>
    locateLetter(tx, ownPlaces(viewer), letter),
  );
  return found === null ? viewer : viewerAt(viewer, placeOf(viewer, { organisation: found, grant: null }));
}

/** The organisations that a transaction over this viewer's places carries. */
export function organisationsOf(viewer: Pick<Viewer, 'places'>): OrganisationId[] {
  return [...new Set(viewer.places.map(({ organisation }) => organisation))];
}
