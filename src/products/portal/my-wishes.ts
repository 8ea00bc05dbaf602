import type { Caller } from '#core/actor';
import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { Locale } from '#platform/runtime';
import type { Visit } from './audit.ts';
import { say } from './catalogue.ts';
import { ownPlaces } from './find-places.ts';
import type { PortalNeeds } from './needs.ts';
import { findPerson } from './person.store.ts';
import { openPersonAddress } from './person-address.ts';
import type { Place } from './place.ts';
import type { Viewer } from './portal-session.ts';
import type { KeyHandedIn, MyKey, MyWaiver, WishPorts } from './wishes.ts';

const WAIVER_DAYS = 365;

/** What one organisation knows of this person's wishes. */
export interface WishesAt {
  readonly place: Place;
  readonly address: Address;
  /** The number that texts go to, all but its last digits hidden; null where none can arrive. */
  readonly text: string | null;
  /** The person's own word on texts; null where no number is on record. */
  readonly consent: { readonly masked: string; readonly stopped: boolean } | null;
  /** Null where the organisation heeds no waivers. */
  readonly waiver: { readonly given: MyWaiver | null } | null;
  readonly keys: readonly MyKey[];
}

/** Wishes at every organisation that is shown; empty where this installation wired no such rooms. */
export async function myWishes(needs: PortalNeeds, viewer: Viewer): Promise<WishesAt[]> {
  return Promise.all(ownPlaces(viewer).map((place) => wishesAt(needs, place)));
}

async function wishesAt(needs: PortalNeeds, place: Place): Promise<WishesAt> {
  const { organisation } = place;
  const address = await addressAt(needs, place);
  const { wishes } = needs;
  if (wishes === undefined) return { place, address, text: null, consent: null, waiver: null, keys: [] };
  const { texts } = wishes;
  const reach =
    texts === undefined
      ? null
      : await needs.database.tenant([organisation], 'app', (tx) => texts.reach(tx, organisation, address));
  const consent = await wishes.textConsent(organisation, address);
  const given = await wishes.waiver(organisation, address);
  // One that was given before the organisation turned waivers off can still be taken back.
  const on = given !== null || (await wishes.waiversOn(organisation));
  const keys = await wishes.keys(organisation, address);
  return { place, address, text: reach?.masked ?? null, consent, waiver: on ? { given } : null, keys };
}

function addressAt(needs: PortalNeeds, { organisation, person }: Place): Promise<Address> {
  return needs.database.tenant([organisation], 'app', async (tx) => {
    const row = await findPerson(tx, person);
    if (row === undefined) throw new Error('a portal person vanished');
    return openPersonAddress(needs.vault, organisation, row);
  });
}

/** An act that a fresh proof is asked for. */
export type Wish =
  | { readonly kind: 'waiver'; readonly at: WishesAt }
  | { readonly kind: 'withdraw-key'; readonly at: WishesAt; readonly key: MyKey };

/** What a form asks for, where it is this person's to ask: a waiver by its organisation, a key by its id. */
export async function findWish(
  needs: PortalNeeds,
  viewer: Viewer,
  asked: { readonly act: string | undefined; readonly about: string | undefined },
): Promise<Wish | null> {
  for (const at of await myWishes(needs, viewer)) {
    if (asked.act === 'waiver' && at.place.organisation === asked.about) {
      const open = needs.wishes !== undefined && (await needs.wishes.waiversOn(at.place.organisation));
      return open && at.waiver?.given === null ? { kind: 'waiver', at } : null;
    }
    const key = asked.act === 'withdraw-key' ? at.keys.find(({ id }) => id === asked.about) : undefined;
    if (key?.mine === true) return { kind: 'withdraw-key', at, key };
  }
  return null;
}

/** Does it, in the recipient's name and at their organisation. */
export async function fulfil(needs: PortalNeeds, wish: Wish, locale: Locale, visit: Visit): Promise<void> {
  const { address, place } = wish.at;
  const wishes = rooms(needs);
  const caller = callerOf(place, visit);
  if (wish.kind === 'withdraw-key') {
    await wishes.withdrawKey(caller, address, wish.key.id);
    return;
  }
  const expiresAt = new Date(needs.clock.now().getTime() + WAIVER_DAYS * 86_400_000);
  // Word for word what the page showed, in its language.
  const text = say(locale, 'portal.waiver.text');
  await wishes.giveWaiver(caller, { address, text, language: locale, expiresAt });
}

/** Takes a waiver back at once: that raises protection, so nothing more is asked. False where there is none. */
export async function withdrawWaiver(
  needs: PortalNeeds,
  viewer: Viewer,
  organisation: OrganisationId,
  visit: Visit,
): Promise<boolean> {
  const at = (await myWishes(needs, viewer)).find(({ place }) => place.organisation === organisation);
  const given = at?.waiver?.given;
  if (at === undefined || given == null) return false;
  await rooms(needs).withdrawWaiver(callerOf(at.place, visit), given.id);
  return true;
}

/** Hands a key in at one organisation; null where that is not one of this person's. */
export async function handInKey(
  needs: PortalNeeds,
  viewer: Viewer,
  given: { readonly organisation: string | undefined; readonly text: string },
  visit: Visit,
): Promise<KeyHandedIn | null> {
  const place = ownPlaces(viewer).find(({ organisation }) => organisation === given.organisation);
  if (place === undefined || needs.wishes === undefined) return null;
  return needs.wishes.handInKey(callerOf(place, visit), await addressAt(needs, place), given.text);
}

/** Stops texts, or has them sent again, at one of the person's own organisations; false where there is no number to stop. */
export async function chooseTexts(
  needs: PortalNeeds,
  viewer: Viewer,
  asked: { readonly organisation: string; readonly stopped: boolean },
  visit: Visit,
): Promise<boolean> {
  const place = ownPlaces(viewer).find(({ organisation }) => organisation === asked.organisation);
  if (place === undefined || needs.wishes === undefined) return false;
  const address = await addressAt(needs, place);
  return needs.wishes.stopTexts(callerOf(place, visit), address, asked.stopped);
}

function rooms({ wishes }: PortalNeeds): WishPorts {
  if (wishes === undefined) throw new Error('no rooms for wishes are wired');
  return wishes;
}

/** The recipient as other rooms know who acts: without any permission, and without a network address in clear. */
function callerOf({ organisation, person }: Place, visit: Visit): Caller {
  return {
    organisation,
    actor: { kind: 'recipient', person },
    origin: { address: null, channel: 'portal' },
    permissions: new Set(),
    request: visit.request,
  };
}
