import { type Address, addressText } from '#core/address';
import type { OrganisationId } from '#core/ids';
import { accessOf, type PortalAct } from './access.store.ts';
import { recordRecipient, type Visit } from './audit.ts';
import { endGrant, grantsOver, type Relation } from './caregiver.store.ts';
import { organisationsOf, ownPlaces, viewerAt } from './find-places.ts';
import { guards } from './guard.ts';
import type { PortalNeeds } from './needs.ts';
import { personAddresses } from './person-address.ts';
import type { Place } from './place.ts';
import type { Viewer } from './portal-session.ts';
import { openSummary } from './summary.ts';

const MOST_ACTS = 100;

/** Somebody else who sees this person's messages. The patient is told who it is, by address. */
export interface MyCaregiver {
  readonly grant: string;
  readonly place: Place;
  readonly address: string;
  readonly relation: Relation;
  readonly highestClass: 'ordinary' | 'light' | 'high';
  readonly mayReply: boolean;
  readonly startsAt: Date;
  readonly expiresAt: Date;
}

/** One act on one of this person's messages: by themselves, or by a caregiver (45 CFR 164.528 in spirit: who saw it, when). */
export interface MyAct {
  readonly act: PortalAct;
  readonly at: Date;
  readonly place: Place;
  /** The caregiver's address; null where it was the person. */
  readonly by: string | null;
  /** Null once the copy is destroyed, and where it is guarded. */
  readonly subject: string | null;
  /** More must be proved before the message opens: its subject is not shown. */
  readonly guarded: boolean;
}

export interface MyAccess {
  readonly caregivers: readonly MyCaregiver[];
  /** Newest first, at most 100. */
  readonly acts: readonly MyAct[];
}

/** Who may see this person's messages, and who opened, saved, printed or answered them; over all own places. */
export async function myAccess(needs: PortalNeeds, viewer: Viewer): Promise<MyAccess> {
  const places = ownPlaces(viewer);
  return needs.database.tenant(organisationsOf({ places }), 'app', async (tx) => {
    const grants = await grantsOver(tx, places, needs.clock.now());
    const acts = await accessOf(tx, places, needs.clock.now(), MOST_ACTS);
    const addresses = new Map<string, Address>();
    for (const { organisation } of places) {
      const others = [
        ...grants.filter((one) => one.organisation === organisation).map(({ caregiver }) => caregiver),
        ...acts.flatMap((one) =>
          one.organisation === organisation && one.caregiver !== null ? [one.caregiver] : [],
        ),
      ];
      const opened = await personAddresses(needs.vault, tx, organisation, [...new Set(others)]);
      for (const [person, address] of opened) addresses.set(person, address);
    }
    const nameOf = (person: string): string => {
      const address = addresses.get(person);
      return address === undefined ? '?' : addressText(address);
    };
    return {
      caregivers: grants.map((one) => ({
        grant: one.id,
        place: placeIn(places, one.organisation),
        address: nameOf(one.caregiver),
        relation: one.relation,
        highestClass: one.highestClass,
        mayReply: one.mayReply,
        startsAt: one.startsAt,
        expiresAt: one.expiresAt,
      })),
      acts: await Promise.all(
        acts.map(
          async ({ organisation, act, at, caregiver, copy, objectKey, summary, ...item }): Promise<MyAct> => {
            const by = caregiver === null ? null : nameOf(caregiver);
            const place = placeIn(places, organisation);
            const guarded = copy !== null && guards(viewerAt(viewer, place), item);
            const shown = { act, at, by, place, guarded };
            if (guarded) return { ...shown, subject: null };
            if (copy === null || objectKey === null || summary === null) return { ...shown, subject: null };
            const key = await needs.vault.openObjectKey(organisation, objectKey);
            return { ...shown, subject: openSummary(needs.vault, key, organisation, copy, summary).subject };
          },
        ),
      ),
    };
  });
}

function placeIn(places: readonly Place[], organisation: OrganisationId): Place {
  const place = places.find((one) => one.organisation === organisation);
  if (place === undefined) throw new Error('a row of no place was returned');
  return place;
}

/** The patient takes a caregiver's access back; at once, without asking anybody. False where there is no such grant of theirs. */
export async function withdrawCaregiver(
  needs: PortalNeeds,
  viewer: Viewer,
  grant: string,
  visit: Visit,
): Promise<boolean> {
  for (const { organisation, person } of ownPlaces(viewer)) {
    const done = await needs.database.tenant([organisation], 'app', async (tx) => {
      const end = {
        as: 'withdrawn',
        by: { kind: 'recipient', person },
        at: needs.clock.now(),
      } as const;
      const row = await endGrant(tx, organisation, grant, person, end);
      if (row === undefined) return false;
      await recordRecipient(needs, tx, visit, {
        ...{ organisation, person, action: 'caregiver.withdrawn' },
        subjects: [
          { kind: 'portal-caregiver', id: row.id },
          { kind: 'portal-person', id: row.caregiver },
        ],
      });
      return true;
    });
    if (done) return true;
  }
  return false;
}
