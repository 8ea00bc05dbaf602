import type { OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Door } from './delegation/door.ts';
import { findItem, findLink } from './item.store.ts';
import { decoyAddress, maskedAddress } from './masked-address.ts';
import type { PortalNeeds } from './needs.ts';
import { onRecord } from './on-record.ts';
import { linkEntry } from './request-code.ts';
import { USUAL_RULE } from './sign-in-rule.ts';
import { looksLikeToken, tokenHash } from './token.ts';

/** What the page behind a link may say to whoever holds the link, which only the recipient's mailbox got. */
export interface LinkTarget {
  /** Where a mailed code goes, masked; null where the text is no link of ours at all. */
  readonly address: string | null;
  /** Where a texted code would go; null where none is offered. */
  readonly telephone: string | null;
  /** Whether the organisation takes mailed codes. */
  readonly mailed: boolean;
  /** The organisation's own patient portal, where it lets recipients in, and the entry that it would come back to. */
  readonly door: (Door & { readonly item: PortalItemId }) | null;
}

/**
 * Reads what a link's page offers. A link that is nobody's gets the same page as one whose recipient has no telephone on
 * record. Changes nothing.
 */
export async function linkTarget(needs: PortalNeeds, token: string): Promise<LinkTarget> {
  if (!looksLikeToken(token)) return { address: null, telephone: null, mailed: true, door: null };
  const decoy = await decoyAddress(needs.vault, linkEntry(token));
  const nobody = { address: decoy, telephone: null, mailed: true, door: null };
  const link = await needs.database.system('app', (tx) => findLink(tx, tokenHash(token)));
  if (link === undefined) return nobody;
  return needs.database.tenant([link.organisation], 'app', async (tx) => {
    const item = await findItem(tx, link.item);
    const known = item && (await onRecord(needs, tx, link.organisation, item.person));
    if (!known) return nobody;
    const { signIn, door } = await needs.organisation(tx, link.organisation);
    const { first } = signIn ?? USUAL_RULE;
    const only = door?.mode === 'only';
    return {
      address: maskedAddress(known.address),
      telephone: first.includes('texted-code') && !only ? known.telephone : null,
      mailed: !only && (first.includes('mailed-code') || known.telephone === null),
      door: door === undefined ? null : { ...door, item: link.item },
    };
  });
}

/** The person behind a code page's challenge, in words a page may show; null where an address was typed. */
export async function challengeTarget(
  needs: PortalNeeds,
  challenge: {
    readonly organisation: OrganisationId;
    readonly item: PortalItemId | null;
    readonly entry: string;
  },
): Promise<{ readonly address: string; readonly telephone: string | null } | null> {
  if (challenge.entry.startsWith('form:')) return null;
  const decoy = { address: await decoyAddress(needs.vault, challenge.entry), telephone: null };
  const { organisation, item: id } = challenge;
  if (id === null) return decoy;
  return needs.database.tenant([organisation], 'app', async (tx) => {
    const item = await findItem(tx, id);
    const known = item && (await onRecord(needs, tx, organisation, item.person));
    return known ? { address: maskedAddress(known.address), telephone: known.telephone } : decoy;
  });
}

/** The address behind a link, masked, for somebody who is signed in as another one; null where it is their own or nobody's. */
export async function otherRecipient(
  needs: PortalNeeds,
  token: string,
  viewer: { readonly person: PortalPersonId; readonly lookup: Buffer | null },
): Promise<string | null> {
  if (!looksLikeToken(token)) return null;
  const link = await needs.database.system('app', (tx) => findLink(tx, tokenHash(token)));
  if (link === undefined) return null;
  return needs.database.tenant([link.organisation], 'app', async (tx) => {
    const item = await findItem(tx, link.item);
    if (item === undefined || item.person === viewer.person) return null;
    const known = await onRecord(needs, tx, link.organisation, item.person);
    if (known === null) return null;
    return known.lookup !== null && viewer.lookup !== null && known.lookup.equals(viewer.lookup)
      ? null
      : maskedAddress(known.address);
  });
}
