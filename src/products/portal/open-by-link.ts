import type { OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Visit } from './audit.ts';
import { findItem, findLink } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';
import { findPerson, type PersonRow } from './person.store.ts';
import { startSession, viewerOf } from './portal-session.ts';
import { type KnownDevice, knownDevice, useDevice } from './remembered-device.ts';
import { looksLikeToken, tokenHash } from './token.ts';

export interface BrowserTokens {
  readonly session: string | undefined;
  readonly device: string | undefined;
}

interface Way {
  readonly organisation: OrganisationId;
  readonly person: PortalPersonId;
  readonly item: PortalItemId;
  readonly by: 'session' | 'device';
  readonly start: (() => Promise<string>) | null;
}

/** Whether one press on the link's page will open the message, without a code. Changes nothing. */
export async function mayOpenByPress(
  needs: PortalNeeds,
  token: string,
  browser: BrowserTokens,
  visit: Visit,
): Promise<boolean> {
  return (await wayIn(needs, token, browser, visit)) !== null;
}

/**
 * Opens the link for a browser that has a session or is remembered for the link's address. Returns the item and, where
 * a session had to be started, its token; null when a code is needed.
 */
export async function openByLink(
  needs: PortalNeeds,
  token: string,
  browser: BrowserTokens,
  visit: Visit,
): Promise<{ item: PortalItemId; sessionToken: string | null } | null> {
  const way = await wayIn(needs, token, browser, visit);
  if (way === null) return null;
  return { item: way.item, sessionToken: way.start === null ? null : await way.start() };
}

/** A device serves the person whom it was remembered for, and the same address elsewhere, but where a sign-in of its own is asked for. */
async function servesFor(
  needs: PortalNeeds,
  device: KnownDevice,
  organisation: OrganisationId,
  target: PersonRow,
): Promise<boolean> {
  if (device.person === target.id) return true;
  if (!device.ownMailbox || target.lookupIndex === null || !device.lookup?.equals(target.lookupIndex))
    return false;
  const both = [organisation, device.organisation];
  return needs.database.tenant(both, 'app', async (tx) => {
    for (const one of both) if ((await needs.organisation(tx, one)).separateSignIn) return false;
    return true;
  });
}

async function wayIn(
  needs: PortalNeeds,
  token: string,
  browser: BrowserTokens,
  visit: Visit,
): Promise<Way | null> {
  if (!looksLikeToken(token)) return null;
  const viewer = await viewerOf(needs, browser.session, visit);
  const device = viewer === null ? await knownDevice(needs, browser.device, visit) : null;
  if (viewer === null && device === null) return null;
  const link = await needs.database.system('app', (tx) => findLink(tx, tokenHash(token)));
  if (link === undefined) return null;
  const { organisation } = link;
  const target = await needs.database.tenant([organisation], 'app', async (tx) => {
    const item = await findItem(tx, link.item);
    return item === undefined ? undefined : findPerson(tx, item.person);
  });
  if (target === undefined) return null;
  const shown = viewer?.places.some(({ person, care }) => care === null && person === target.id) ?? false;

  const way = { organisation, person: target.id, item: link.item };
  if (shown) return { ...way, by: 'session', start: null };
  if (device === null || !(await servesFor(needs, device, organisation, target))) return null;
  return {
    ...way,
    by: 'device',
    start: async () => {
      await useDevice(needs, device);
      return needs.database.tenant([organisation], 'app', (tx) =>
        startSession(needs, tx, { organisation, person: target.id }, visit, 'device', {
          proved: device.ownMailbox ? ['device', 'own-mailbox'] : ['device'],
        }),
      );
    },
  };
}
