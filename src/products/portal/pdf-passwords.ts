import { addressText } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { PortalPort } from '#core/portal';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { recordRecipient, type Visit } from './audit.ts';
import { ensurePerson } from './ensure-person.ts';
import { viewerAt } from './find-places.ts';
import { guards } from './guard.ts';
import type { PortalNeeds } from './needs.ts';
import {
  hasPdfPasswords,
  listPdfPasswords,
  type PdfPasswordRow,
  putPdfPassword,
  showPdfPassword,
} from './pdf-password.store.ts';
import type { Looking } from './place.ts';
import type { Viewer } from './portal-session.ts';

type Placed = Parameters<PortalPort<Transaction>['placePassword']>[1];

/** Most that one page lists; the older ones are beyond use anyway. */
const MOST_LISTED = 100;

/** A password with what its PDF is told by. */
export interface ShownPdfPassword {
  readonly id: string;
  readonly sender: string;
  readonly subject: string;
  readonly sentAt: Date;
  readonly expiresAt: Date;
}

const bindingOf = (organisation: OrganisationId, row: string) => ({
  organisation,
  field: 'portal-pdf-password.sealed',
  row,
});

/** See PortalPort. The password is sealed under a key of its own of the portal's purpose. */
export async function placePdfPassword(
  needs: PortalNeeds,
  tx: Transaction,
  placed: Placed,
  at: Date,
): Promise<{ readonly locale: 'en' | 'es' }> {
  const { organisation, message, delivery, about, password, expiresAt } = placed;
  const person = await ensurePerson(needs, tx, organisation, delivery.recipient);
  const id = newId(needs.clock);
  const key = await needs.vault.newObjectKey(organisation, 'portal');
  const text = JSON.stringify({ sender: addressText(about.sender), subject: about.subject, password });
  await putPdfPassword(tx, {
    id,
    organisation,
    person: person.id,
    message,
    delivery: delivery.id,
    objectKey: key.wrapped,
    sealed: needs.vault.seal(key, bindingOf(organisation, id), text),
    createdAt: at,
    expiresAt,
  });
  return { locale: person.locale };
}

/** The passwords that this person can still read, without the passwords themselves. */
export async function listOwnPdfPasswords(
  needs: PortalNeeds,
  viewer: Viewer,
): Promise<readonly ShownPdfPassword[]> {
  const shown: ShownPdfPassword[] = [];
  for (const { organisation, person } of ownPlaces(viewer)) {
    const rows = await needs.database.tenant([organisation], 'app', (tx) =>
      listPdfPasswords(tx, organisation, person, needs.clock.now(), MOST_LISTED),
    );
    for (const row of rows) shown.push((await open(needs, organisation, row)).about);
  }
  return shown.sort((a, b) => b.sentAt.getTime() - a.sentAt.getTime()).slice(0, MOST_LISTED);
}

/**
 * The person's own, in every organisation that is shown together and whose rule the session meets; a caregiver gets nobody's
 * passwords. Those of the high class are never placed here.
 */
const ownPlaces = (viewer: Viewer) =>
  viewer.places.filter(
    (place) => place.care === null && !guards(viewerAt(viewer, place), { level: 'light', lockedAt: null }),
  );

/** Whether there is anything to list. */
export async function ownsPdfPasswords(needs: PortalNeeds, viewer: Viewer): Promise<boolean> {
  for (const { organisation, person } of ownPlaces(viewer)) {
    const any = await needs.database.tenant([organisation], 'app', (tx) =>
      hasPdfPasswords(tx, organisation, person, needs.clock.now()),
    );
    if (any) return true;
  }
  return false;
}

/** One password, after its showing was put on record; null where it is nobody's, somebody else's, or over. */
export async function openPdfPassword(
  needs: PortalNeeds,
  viewer: Viewer,
  id: string,
  visit: Visit,
): Promise<{ readonly about: ShownPdfPassword; readonly password: string } | null> {
  for (const place of ownPlaces(viewer)) {
    const row = await showIn(needs, place, id, visit);
    if (row !== null) return open(needs, place.organisation, row);
  }
  return null;
}

function showIn(
  needs: PortalNeeds,
  { organisation, person }: Looking,
  id: string,
  visit: Visit,
): Promise<PdfPasswordRow | null> {
  return needs.database.tenant([organisation], 'app', async (tx) => {
    const found = await showPdfPassword(tx, organisation, person, id, needs.clock.now());
    if (found === undefined) return null;
    const subjects = [
      { kind: 'message', id: found.message },
      { kind: 'delivery', id: found.delivery },
    ];
    const action = 'portal.pdf-password-shown';
    await recordRecipient(needs, tx, visit, { organisation, person, action, subjects, details: {} });
    return found;
  });
}

async function open(needs: PortalNeeds, organisation: OrganisationId, row: PdfPasswordRow) {
  const key = await needs.vault.openObjectKey(organisation, row.objectKey);
  const text = needs.vault.openText(key, bindingOf(organisation, row.id), row.sealed);
  // Sealed and authenticated by us: what comes out is what placePdfPassword put in.
  const { sender, subject, password } = JSON.parse(text) as Record<'sender' | 'subject' | 'password', string>;
  const { id, createdAt: sentAt, expiresAt } = row;
  return { about: { id, sender, subject, sentAt, expiresAt }, password };
}
