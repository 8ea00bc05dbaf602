import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { recordRecipient, type Visit } from './audit.ts';
import { endDevicesOf, findDevice, listDevices } from './device.store.ts';
import type { PortalNeeds } from './needs.ts';
import { endPasskey, listPasskeys } from './passkey.store.ts';
import type { Viewer } from './portal-session.ts';
import { endSessionsOf } from './session.store.ts';
import { looksLikeToken, tokenHash } from './token.ts';

/** One passkey or remembered device, as its person's page shows it. */
export interface WayIn {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** The browser that is looking at the page. */
  readonly here: boolean;
}

export interface SignInWays {
  readonly passkeys: readonly WayIn[];
  readonly devices: readonly WayIn[];
}

/**
 * By what a person comes in at this organisation without a code. Null in a session that the organisation's own patient portal
 * vouched for: passkeys and devices serve other organisations too, so that one's word neither shows nor removes them.
 */
export async function signInWays(
  needs: PortalNeeds,
  viewer: Viewer,
  deviceToken: string | undefined,
): Promise<SignInWays | null> {
  if (viewer.delegation !== null) return null;
  const here =
    deviceToken !== undefined && looksLikeToken(deviceToken)
      ? await needs.database.system('app', (tx) => findDevice(tx, tokenHash(deviceToken)))
      : undefined;
  const now = needs.clock.now();
  return needs.database.tenant([viewer.organisation], 'app', async (tx) => {
    const passkeys = await listPasskeys(tx, viewer.person);
    const devices = await listDevices(tx, viewer.person, now);
    return {
      passkeys: passkeys.map(({ id, createdAt, lastUsedAt }) => ({
        ...{ id, createdAt, lastUsedAt },
        here: id === viewer.passkey,
      })),
      devices: devices.map((device) => ({ ...device, here: device.id === here?.device })),
    };
  });
}

/** Whether the person has a passkey at this organisation. */
export function hasPasskey(needs: PortalNeeds, viewer: Viewer): Promise<boolean> {
  return needs.database.tenant(
    [viewer.organisation],
    'app',
    async (tx) => (await listPasskeys(tx, viewer.person)).length > 0,
  );
}

/** Removes one passkey of the person's own; false when there is none such, and where none is shown. */
export async function removePasskey(
  needs: PortalNeeds,
  viewer: Viewer,
  id: string,
  visit: Visit,
): Promise<boolean> {
  const { organisation, person } = viewer;
  if (viewer.delegation !== null) return false;
  return needs.database.tenant([organisation], 'app', async (tx) => {
    if (!(await endPasskey(tx, id, person, needs.clock.now()))) return false;
    await recordRecipient(needs, tx, visit, { organisation, person, action: 'portal.passkey-removed' });
    return true;
  });
}

/** Forgets one remembered device of the person's own; false when there is none such, and where none is shown. */
export async function removeDevice(
  needs: PortalNeeds,
  viewer: Viewer,
  id: string,
  visit: Visit,
): Promise<boolean> {
  const { organisation, person } = viewer;
  if (viewer.delegation !== null) return false;
  return needs.database.tenant([organisation], 'app', async (tx) => {
    if ((await endDevicesOf(tx, person, needs.clock.now(), id)) === 0) return false;
    await recordRecipient(needs, tx, visit, { organisation, person, action: 'portal.device-forgotten' });
    return true;
  });
}

/**
 * Ends every session and forgets every device of the person at this organisation, the one they are looking from included.
 * Passkeys stay: each asks for its holder. `people` are the same address at other organisations.
 */
export async function signOutEverywhere(
  needs: PortalNeeds,
  people: readonly { readonly organisation: OrganisationId; readonly person: PortalPersonId }[],
  visit: Visit,
): Promise<void> {
  for (const who of people) {
    await needs.database.tenant([who.organisation], 'app', (tx) => endAll(needs, tx, who, visit));
  }
}

async function endAll(
  needs: PortalNeeds,
  tx: Transaction,
  { organisation, person }: { readonly organisation: OrganisationId; readonly person: PortalPersonId },
  visit: Visit,
): Promise<void> {
  const at = needs.clock.now();
  const sessions = await endSessionsOf(tx, person, at);
  const devices = await endDevicesOf(tx, person, at, null);
  const details = { sessions, devices };
  await recordRecipient(needs, tx, visit, {
    organisation,
    person,
    action: 'portal.signed-out-everywhere',
    details,
  });
}
