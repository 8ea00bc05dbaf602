import type { Address } from '#core/address';
import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { ChallengeQuestion } from '#core/recipient';
import type { Transaction } from '#platform/database';
import type { Factor } from './factors.ts';
import type { PortalNeeds } from './needs.ts';
import { listPasskeys } from './passkey.store.ts';
import { findPerson } from './person.store.ts';
import { openPersonAddress } from './person-address.ts';

/** By what one organisation can recognise a person. */
export interface OnRecord {
  readonly address: Address;
  /** Finds the same address in other organisations; null for people made before it was kept. */
  readonly lookup: Buffer | null;
  readonly factors: readonly Factor[];
  /** The telephone, as a page may show it; null where no text reaches it. */
  readonly telephone: string | null;
  readonly question: ChallengeQuestion | null;
}

/** What is on record about a person, in a tenant transaction; null when there is no such person. */
export async function onRecord(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  id: PortalPersonId,
): Promise<OnRecord | null> {
  const person = await findPerson(tx, id);
  if (person === undefined) return null;
  const address = await openPersonAddress(needs.vault, organisation, person);
  const telephone = (await needs.texts?.reach(tx, organisation, address)) ?? null;
  const question = (await needs.recipients?.challenge(tx, organisation, address)) ?? null;
  const passkeys = needs.publicUrl === undefined ? [] : await listPasskeys(tx, id);
  const { door } = await needs.organisation(tx, organisation);
  const factors: Factor[] = ['mailed-code'];
  if (door !== undefined) factors.push('organisation-portal');
  if (door?.strong === true) factors.push('organisation-portal-strong');
  if (telephone !== null) factors.push('texted-code');
  if (question !== null) factors.push('question');
  factors.push(...new Set(passkeys.map(({ addedAfter }) => addedAfter)));
  const lookup = person.lookupIndex;
  return { address, lookup, factors, telephone: telephone?.masked ?? null, question };
}
