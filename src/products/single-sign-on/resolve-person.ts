import type { Address } from '#core/address';
import type { IdentityId } from '#core/ids';
import type { From } from '#platform/access';
import type { Transaction } from '#platform/database';
import type { Vouched } from '#platform/federation';
import { parseAddress } from '#platform/mail';
import { withinCeiling } from './ceiling.ts';
import { type Connection, sourceOf } from './connections.ts';
import type { SignOnNeeds } from './ports.ts';
import { findLink, insertLink, touchLink } from './road.store.ts';
import { mapGroups } from './rules.ts';

/** Why somebody whom the provider vouches for does not come in. */
export type NotLetIn =
  | 'no-address'
  | 'address-unverified'
  | 'domain-not-covered'
  | 'not-known-here'
  | 'elsewhere'
  | 'membership-ended'
  | 'disabled'
  | 'already-linked'
  | 'group-missing'
  | 'above-ceiling'
  /** The organisation demands more of this person than the provider has said they showed. */
  | 'factor-demanded';

export type Resolved =
  | { readonly kind: 'person'; readonly identity: IdentityId; readonly joined: boolean }
  | { readonly kind: 'refused'; readonly reason: NotLetIn; readonly identity: IdentityId | null };

const refused = (reason: NotLetIn, identity: IdentityId | null = null): Resolved => ({
  kind: 'refused',
  reason,
  identity,
});

export function subjectIndex(
  { vault }: Pick<SignOnNeeds, 'vault'>,
  { organisation, row }: Connection,
  subject: string,
): Promise<Buffer> {
  return vault.blindIndex(organisation, 'sso-subject/1', `${row.id}\n${subject}`);
}

/**
 * Who a provider's subject is here. A linked subject is its person, whatever address the provider names now. A new one is
 * found by its address only where the connection covers that domain, the domain is the organisation's, and the person
 * belongs to this organisation alone; or becomes a member, where the connection may make members. Roles and groups
 * are brought in step; nobody comes in who could then do more than whoever set the connection up.
 */
export async function resolvePerson(
  needs: SignOnNeeds,
  tx: Transaction,
  connection: Connection,
  vouched: Vouched,
  from: From,
): Promise<Resolved> {
  const { organisation, row } = connection;
  const { provided } = needs.access;
  const index = await subjectIndex(needs, connection, vouched.subject);
  const mapped = mapGroups(row.rules, vouched.claims.get(row.rules.claims.groups) ?? []);
  const link = await findLink(tx, row.id, index);
  const found =
    link === undefined ? await firstTime(needs, tx, connection, vouched, index, mapped.allowed, from) : link;
  if ('kind' in found) return found;
  const { identity } = found;
  const standing = await provided.standing(tx, organisation, identity);
  if (standing === 'elsewhere' || standing === 'disabled') return refused(standing, identity);
  if (!mapped.allowed) {
    // Whom people have ended already this rule has not ended: to say so would let the provider take them in again.
    if (row.rules.endsMembership && standing === 'member') {
      await provided.end(tx, organisation, identity, sourceOf(row.id), from);
      await touchLink(tx, row.id, index, needs.clock.now(), true);
    }
    return refused('group-missing', identity);
  }
  if (standing === 'former') {
    // Whom people have removed only people take in again; what the connection ended it may take up.
    const endedAt = await provided.endedAt(tx, organisation, identity);
    const byRule = found.suspended_at !== null && endedAt !== null && endedAt <= found.suspended_at;
    if (!byRule) return refused('membership-ended', identity);
    await provided.rejoin(tx, organisation, identity, sourceOf(row.id), from);
  }
  await provided.sync(tx, organisation, identity, sourceOf(row.id), mapped, from);
  await touchLink(tx, row.id, index, needs.clock.now(), false);
  const grants = await provided.grants(tx, organisation, identity);
  const held = [...(grants?.permissions ?? []), ...(grants?.scoped.keys() ?? [])];
  if (!withinCeiling(row.ceiling, held)) return refused('above-ceiling', identity);
  return { kind: 'person', identity, joined: link === undefined };
}

async function firstTime(
  needs: SignOnNeeds,
  tx: Transaction,
  connection: Connection,
  vouched: Vouched,
  index: Buffer,
  allowed: boolean,
  from: From,
): Promise<Resolved | { readonly identity: IdentityId; readonly suspended_at: null }> {
  const { organisation, row, domains } = connection;
  const { provided } = needs.access;
  const address = addressIn(connection, vouched);
  if (address === null) return refused('no-address');
  if (vouched.claims.get('email_verified')?.[0] === 'false' && row.rules.claims.address === 'email')
    return refused('address-unverified');
  if (!domains.some(({ domain }) => domain === address.domain)) return refused('domain-not-covered');
  const known = await provided.find(tx, organisation, address);
  if (known !== null && known.standing !== 'member') {
    const reason = known.standing === 'former' ? 'membership-ended' : known.standing;
    return refused(reason, known.identity);
  }
  if (known === null && !row.rules.jit) return refused('not-known-here');
  if (known === null && !allowed) return refused('group-missing');
  const displayName = (vouched.claims.get(row.rules.claims.name)?.[0] ?? '').trim().slice(0, 120);
  const source = sourceOf(row.id);
  const person = { address, displayName: displayName === '' ? address.local : displayName, source };
  const identity = known?.identity ?? (await provided.join(tx, organisation, person, from));
  if (identity === null) return refused('not-known-here');
  const at = needs.clock.now();
  const linked = await insertLink(tx, {
    organisation,
    connection: row.id,
    subjectIndex: index,
    identity,
    at,
  });
  // Another subject of this provider is that person already: one of the two is not who they say.
  return linked ? { identity, suspended_at: null } : refused('already-linked', identity);
}

/** The address that the provider names, with its domain in lower case; null: none, or none that is one. */
export function addressIn({ row }: Pick<Connection, 'row'>, vouched: Vouched): Address | null {
  const [text] = vouched.claims.get(row.rules.claims.address) ?? [];
  if (text === undefined) return null;
  const address = parseAddress(text.trim());
  return address === null || address === undefined
    ? null
    : { ...address, domain: address.domain.toLowerCase() };
}
