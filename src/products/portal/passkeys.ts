import type { Address } from '#core/address';
import { Refusal } from '#core/errors';
import type { NoticeId, OrganisationId, PortalPersonId } from '#core/ids';
import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  type RelyingParty,
  relyingParty,
  verifyNewPasskey,
  verifyPasskey,
} from '#platform/access';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { recordRecipient, type Visit } from './audit.ts';
import { type Factor, passkeyAddedAfter } from './factors.ts';
import type { PortalNeeds } from './needs.ts';
import { findPasskey, insertPasskey, listPasskeys, loadPasskey, markPasskeyUsed } from './passkey.store.ts';
import { findPerson } from './person.store.ts';
import { openPersonAddress } from './person-address.ts';
import { startSession, type Viewer } from './portal-session.ts';
import { USUAL_RULE } from './sign-in-rule.ts';

/** Passkeys of one person at one organisation; more than any household has devices. */
export const MOST_PASSKEYS = 20;

/** What passkeys are bound to here; null where the portal has no name of its own under TLS, which browsers demand. */
export function portalParty(needs: Pick<PortalNeeds, 'publicUrl'>): RelyingParty | null {
  const url = needs.publicUrl?.();
  if (url === undefined) return null;
  try {
    return relyingParty(url);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** What the page hands to `navigator.credentials.create`. */
export interface PasskeyInvitation {
  readonly rpId: string;
  /** Stands for the person, says nothing of them (WebAuthn §14.6.1); base64url. */
  readonly userHandle: string;
  /** What the browser's list of passkeys shows: the person's own address, and no organisation. */
  readonly userName: string;
  readonly address: Address;
  /** Passkeys that are here already; base64url. */
  readonly known: readonly string[];
}

/** What is needed to add a passkey in this session; null where none can be added. */
export async function passkeyInvitation(
  needs: PortalNeeds,
  viewer: Viewer,
): Promise<PasskeyInvitation | null> {
  const party = portalParty(needs);
  const { first } = viewer.profile.signIn ?? USUAL_RULE;
  if (party === null || !first.includes('passkey') || passkeyAddedAfter(viewer.proved) === null) return null;
  const { organisation } = viewer;
  const [person, known] = await needs.database.tenant([organisation], 'app', async (tx) => [
    await findPerson(tx, viewer.person),
    await listPasskeys(tx, viewer.person),
  ]);
  if (person === undefined || known.length >= MOST_PASSKEYS) return null;
  const address = await openPersonAddress(needs.vault, organisation, person);
  const handle = await needs.vault.mac(organisation, 'portal-passkey-user', viewer.person);
  return {
    rpId: party.id,
    userHandle: handle.toString('base64url'),
    userName: `${address.local}@${address.domain}`,
    address,
    known: known.map(({ credentialId }) => credentialId.toString('base64url')),
  };
}

/** Keeps a new passkey of the person signed in. False when it does not verify, is known, or may not be added now. */
export async function addPasskey(
  needs: PortalNeeds,
  viewer: Viewer,
  challenge: string,
  response: RegistrationResponseJSON,
  visit: Visit,
): Promise<boolean> {
  const party = portalParty(needs);
  const addedAfter = passkeyAddedAfter(viewer.proved);
  const invited = await passkeyInvitation(needs, viewer);
  if (party === null || addedAfter === null || invited === null) return false;
  const made = await verifyNewPasskey(party, challenge, response);
  if (made === null) return false;
  const { organisation, person } = viewer;
  return needs.database.tenant([organisation], 'app', async (tx) => {
    const kept = await insertPasskey(tx, {
      id: newId(needs.clock),
      organisation,
      person,
      lookupIndex: viewer.lookup,
      ...made,
      addedAfter,
      ownMailbox: viewer.proofs.includes('own-mailbox'),
      createdAt: needs.clock.now(),
    });
    if (!kept) return false;
    await needs.sendNotice(tx, {
      id: newId(needs.clock) as NoticeId,
      organisation,
      to: invited.address,
      locale: viewer.locale,
      body: { kind: 'passkey-added', addedAt: needs.clock.now() },
    });
    const details = { stands: addedAfter };
    await recordRecipient(needs, tx, visit, {
      organisation,
      person,
      action: 'portal.passkey-added',
      details,
    });
    return true;
  });
}

export interface PasskeySignedIn {
  readonly organisation: OrganisationId;
  readonly person: PortalPersonId;
  readonly sessionToken: string;
}

/**
 * Signs in with a passkey that the browser found by itself; null when it is not ours, does not verify, or the
 * organisation takes none. Where the person is signed in already, it is proved on top. The challenge must be good once.
 */
export async function signInWithPasskey(
  needs: PortalNeeds,
  challenge: string,
  response: AuthenticationResponseJSON,
  onto: Viewer | null,
  visit: Visit,
): Promise<PasskeySignedIn | null> {
  const party = portalParty(needs);
  if (party === null) return null;
  const credential = Buffer.from(response.id, 'base64url');
  const found = await needs.database.system('app', (tx) => findPasskey(tx, credential));
  if (found === undefined) return null;
  const { organisation } = found;
  return needs.database.tenant([organisation], 'app', async (tx) => {
    const row = await loadPasskey(tx, found.passkey);
    if (row === undefined) return null;
    const who = { organisation, person: row.person };
    const { first } = (await needs.organisation(tx, organisation)).signIn ?? USUAL_RULE;
    const verified = first.includes('passkey') ? await verifyPasskey(party, challenge, response, row) : null;
    const at = needs.clock.now();
    if (verified === null || !(await markPasskeyUsed(tx, row.id, verified.counter, at)))
      return refused(needs, tx, who, visit);
    const proved: Factor[] = row.ownMailbox ? [row.addedAfter, 'own-mailbox'] : [row.addedAfter];
    const proof = { proved, passkey: row.id, onto };
    return { ...who, sessionToken: await startSession(needs, tx, who, visit, 'passkey', proof) };
  });
}

async function refused(
  needs: PortalNeeds,
  tx: Transaction,
  who: { readonly organisation: OrganisationId; readonly person: PortalPersonId },
  visit: Visit,
): Promise<null> {
  await recordRecipient(needs, tx, visit, { ...who, action: 'portal.passkey-refused', result: 'refused' });
  return null;
}
