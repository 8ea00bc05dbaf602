import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId, randomToken } from '#platform/runtime';
import { recordRecipient, type Visit } from './audit.ts';
import { marksOf } from './circumstances.ts';
import { endDevice, findDevice, insertDevice, loadDevice, touchDevice } from './device.store.ts';
import type { PortalNeeds } from './needs.ts';
import { findPerson } from './person.store.ts';
import { portalParts } from './portal-parts.ts';
import { looksLikeToken, tokenHash } from './token.ts';

export const DEVICE_DAYS = 90;

/** A remembered device whose circumstances are still its own. */
export interface KnownDevice {
  readonly id: string;
  readonly organisation: OrganisationId;
  readonly person: PortalPersonId;
  readonly lookup: Buffer | null;
  readonly ownMailbox: boolean;
}

/**
 * Remembers the browser in the open transaction. `ownMailbox`: the person's own mailbox was proved here, so that the device serves
 * the same address at other organisations too. Returns the token for its cookie.
 */
export async function rememberDevice(
  needs: PortalNeeds,
  tx: Transaction,
  who: { readonly organisation: OrganisationId; readonly person: PortalPersonId },
  visit: Visit,
  ownMailbox: boolean,
): Promise<string> {
  const token = randomToken();
  const createdAt = needs.clock.now();
  await insertDevice(tx, {
    id: newId(needs.clock),
    ...who,
    tokenHash: tokenHash(token),
    ownMailbox,
    circumstances: await marksOf(needs, who.organisation, visit),
    createdAt,
    expiresAt: new Date(createdAt.getTime() + DEVICE_DAYS * 24 * 60 * 60_000),
  });
  await recordRecipient(needs, tx, visit, { ...who, action: 'portal.device-remembered' });
  return token;
}

/** The device behind a cookie; null when unknown, run out, or under changed circumstances. Changes nothing. */
export async function knownDevice(
  needs: PortalNeeds,
  token: string | undefined,
  visit: Visit,
): Promise<KnownDevice | null> {
  if (token === undefined || !looksLikeToken(token)) return null;
  const found = await needs.database.system('app', (tx) => findDevice(tx, tokenHash(token)));
  if (found === undefined) return null;
  const { organisation } = found;
  const { circumstancesChanged: changed } = needs.parts ?? portalParts();
  const marks = await marksOf(needs, organisation, visit);
  return needs.database.tenant([organisation], 'app', async (tx) => {
    const device = await loadDevice(tx, found.device, needs.clock.now());
    if (device === undefined || changed(device.circumstances, marks)) return null;
    const person = await findPerson(tx, device.person);
    if (person === undefined) return null;
    const { id, ownMailbox } = device;
    return { id, organisation, person: person.id, lookup: person.lookupIndex, ownMailbox };
  });
}

/** Writes down that the device was used to sign in. */
export function useDevice(needs: PortalNeeds, device: KnownDevice): Promise<void> {
  return needs.database.tenant([device.organisation], 'app', (tx) =>
    touchDevice(tx, device.id, needs.clock.now()),
  );
}

/** Forgets the device behind a cookie, whatever its circumstances. */
export async function forgetDevice(
  needs: PortalNeeds,
  token: string | undefined,
  visit: Visit,
): Promise<void> {
  if (token === undefined || !looksLikeToken(token)) return;
  const found = await needs.database.system('app', (tx) => findDevice(tx, tokenHash(token)));
  if (found === undefined) return;
  const now = needs.clock.now();
  await needs.database.tenant([found.organisation], 'app', async (tx) => {
    const device = await loadDevice(tx, found.device, now);
    if (device === undefined) return;
    await endDevice(tx, found.device, now);
    const who = { organisation: found.organisation, person: device.person };
    await recordRecipient(needs, tx, visit, { ...who, action: 'portal.device-forgotten' });
  });
}
