import type { Caller } from '#core/actor';
import type { Address } from '#core/address';
import type { DeliveryId, MessageId, OrganisationId, PortalPersonId } from '#core/ids';
import type { PortalPort } from '#core/portal';
import type { Transaction } from '#platform/database';
import type { ProblemForPage, Route } from '#platform/http';
import { openAccessLog, type PortalAccess, sealOldAddresses } from './access-log.ts';
import { accessRoutes } from './access-routes.ts';
import { apartRoutes } from './apart-routes.ts';
import { loadAssets } from './assets.ts';
import { type Caregivers, createCaregivers } from './caregivers.ts';
import { copyContent } from './copy-content.ts';
import { createDelegations, type Delegations } from './delegation/delegations.ts';
import { withDoors } from './delegation/door.ts';
import { delegationPages } from './delegation/pages.ts';
import { type PortalDeliveryView, portalDeliveryViews } from './delivery-view.store.ts';
import { expireDue, retractCopy, sweepPortal } from './end-copies.ts';
import { createFormTokens } from './form-token.ts';
import { letterRoutes } from './letter-routes.ts';
import { messageRoutes } from './message-routes.ts';
import type { PortalNeeds } from './needs.ts';
import { otherRoutes } from './other-routes.ts';
import type { PortalRooms } from './page-context.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { expirePdfPasswords } from './pdf-password.store.ts';
import { pdfPasswordRoutes } from './pdf-password-routes.ts';
import { placePdfPassword } from './pdf-passwords.ts';
import { personAddresses } from './person-address.ts';
import { placeCopy } from './place-copy.ts';
import { type PortalParts, portalParts } from './portal-parts.ts';
import { preferencesRoutes } from './preferences-routes.ts';
import { previewRoutes } from './preview-routes.ts';
import { printRoutes } from './print-routes.ts';
import { proveRoutes } from './prove-routes.ts';
import { replyRoutes } from './reply-routes.ts';
import { reportUnread } from './report-unread.ts';
import { searchRoutes } from './search-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { unlock } from './unlock.ts';
import { problemPage } from './views/other-pages.ts';

export interface Portal extends PortalPort<Transaction> {
  /** The recipients' pages, for the portal's own server. */
  routes(): Route[];
  /** Words a problem as a page of the portal. */
  problemPage(problem: ProblemForPage): string;
  /** The access log of one delivery (PO-3), in a tenant transaction of its organisation. */
  accessLog(
    tx: Transaction,
    organisation: OrganisationId,
    delivery: DeliveryId,
  ): Promise<readonly PortalAccess[]>;
  /** Addresses of these people, for staff who may read messages; in a tenant transaction. Unknown ids are left out. */
  personAddresses(
    tx: Transaction,
    organisation: OrganisationId,
    people: readonly PortalPersonId[],
  ): Promise<ReadonlyMap<PortalPersonId, Address>>;
  /** What staff see of these deliveries: expiry, first reading, acts; in a tenant transaction. */
  deliveryViews(
    tx: Transaction,
    organisation: OrganisationId,
    deliveries: readonly DeliveryId[],
  ): Promise<readonly PortalDeliveryView[]>;
  /** Gives a recipient access again that wrong answers had ended; false where it was not locked. */
  unlock(caller: Caller, message: MessageId, delivery: DeliveryId): Promise<boolean>;
  /** Tells senders of copies that nobody opened for some days (PO-6), once each. Returns how many it told. */
  reportUnread(): Promise<number>;
  /** Empties passwords of PDFs whose time is over, in a tenant transaction of the worker. Returns how many. */
  expirePdfPasswords(tx: Transaction): Promise<number>;
  /** Caregivers, as staff grant and withdraw them. */
  readonly caregivers: Caregivers;
  /** Sign-in by an organisation's own patient portal, as staff set it up. */
  readonly delegations: Delegations;
  /** Removes codes, sessions, devices and limits that ended more than a day ago. Returns how many rows went. */
  sweep(): Promise<number>;
  /** Seals network addresses that the release before left in clear. Returns how many rows it sealed. */
  sealOldAddresses(): Promise<number>;
}

/** Builds the portal on what main hands in. `others` leaves out a defence, for tests of what it keeps out. */
export function createPortal(given: Omit<PortalNeeds, 'parts'>, others: Partial<PortalParts> = {}): Portal {
  const parts = portalParts(others);
  const needs: PortalNeeds = { ...withDoors(given), parts };
  const assets = loadAssets();
  const rooms: PortalRooms = { needs, assets, forms: parts.forms(createFormTokens(needs)) };
  return {
    copy: (request) => copyContent(needs, request),
    place: (tx, prepared, delivery, at) => placeCopy(needs, tx, prepared, delivery, at),
    placePassword: (tx, placed, at) => placePdfPassword(needs, tx, placed, at),
    expirePdfPasswords: (tx) => expirePdfPasswords(tx, needs.clock.now()),
    expireDue: () => expireDue(needs),
    retract: (tx, organisation, message) => retractCopy(needs, tx, organisation, message),
    routes: () => [
      ...signInRoutes(rooms),
      ...delegationPages(rooms),
      ...passkeyRoutes(rooms),
      ...proveRoutes(rooms),
      ...messageRoutes(rooms),
      ...previewRoutes(rooms),
      ...printRoutes(rooms),
      ...replyRoutes(rooms),
      ...letterRoutes(rooms),
      ...searchRoutes(rooms),
      ...pdfPasswordRoutes(rooms),
      ...apartRoutes(rooms),
      ...accessRoutes(rooms),
      ...preferencesRoutes(rooms),
      ...otherRoutes(rooms),
    ],
    problemPage: (problem) =>
      problemPage(
        { locale: problem.locale, assets, path: null, signedIn: false, organisation: null },
        problem,
      ),
    accessLog: (tx, organisation, delivery) => openAccessLog(needs, tx, organisation, delivery),
    personAddresses: (tx, organisation, people) => personAddresses(needs.vault, tx, organisation, people),
    deliveryViews: portalDeliveryViews,
    unlock: (caller, message, delivery) => unlock(needs, caller, message, delivery),
    reportUnread: () => reportUnread(needs),
    caregivers: createCaregivers(needs),
    delegations: createDelegations(needs),
    sweep: () => sweepPortal(needs),
    sealOldAddresses: () => sealOldAddresses(needs),
  };
}
