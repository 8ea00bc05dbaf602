import type { OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Visit } from './audit.ts';
import { carriedOver } from './factors.ts';
import { findItem, findLink } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';
import { findPerson } from './person.store.ts';
import { startSession, viewerOf } from './portal-session.ts';
import { knownDevice, useDevice } from './remembered-device.ts';
import { looksLikeToken, tokenHash } from './token.ts';

export interface BrowserTokens {
  readonly session: string | undefined;
  readonly device: string | undefined;
}

interface Way {
  readonly organisation: OrganisationId;
  readonly person: PortalPersonId;
  readonly item: PortalItemId;
  readonly by: 'session' | 'device' | 'same-address';
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

async function wayIn(
  needs: PortalNeeds,
  token: string,
  browser: BrowserTokens,
  visit: Visit,
): Promise<Way | null> {
  if (!looksLikeToken(token)) return null;
  const viewer = await viewerOf(needs, browser.session);
  const device = viewer === null ? await knownDevice(needs, browser.device, visit) : null;
  const holder = viewer ?? device;
  if (holder === null) return null;
  const link = await needs.database.system('app', (tx) => findLink(tx, tokenHash(token)));
  if (link === undefined) return null;
  const { organisation } = link;
  const target = await needs.database.tenant([organisation], 'app', async (tx) => {
    const item = await findItem(tx, link.item);
    return item === undefined ? undefined : findPerson(tx, item.person);
  });
  if (target === undefined) return null;

  const way = { organisation, person: target.id, item: link.item };
  if (viewer !== null && viewer.person === target.id) return { ...way, by: 'session', start: null };
  const sameAddress =
    target.lookupIndex !== null && holder.lookup !== null && target.lookupIndex.equals(holder.lookup);
  if (holder.person !== target.id && !sameAddress) return null;
  const by = device === null ? 'same-address' : 'device';
  return {
    ...way,
    by,
    start: async () => {
      if (device !== null) await useDevice(needs, device);
      return needs.database.tenant([organisation], 'app', (tx) =>
        startSession(needs, tx, { organisation, person: target.id }, visit, by, {
          proved: viewer === null ? ['device'] : carriedOver(viewer.proved),
        }),
      );
    },
  };
}
