import type { Actor } from '#core/actor';
import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import { type AddedMember, auditEntry, type From } from '#platform/access';
import type { Transaction } from '#platform/database';
import type { OrganisationPorts } from './ports.ts';

export interface Founding {
  readonly id: OrganisationId;
  readonly name: string;
  readonly slug: string;
  readonly domain: string;
  readonly administrator: { readonly address: Address; readonly displayName: string };
  /** True for the person who sets the installation up. */
  readonly operator: boolean;
}

/**
 * Makes an organisation that can work at once: itself, its domain, keys, policy, and its first administrator. The transaction must carry
 * its id. Refusal `already-exists` (parameter `path`: slug or domain; or as `Members.add` says).
 */
export async function foundOrganisation(
  needs: OrganisationPorts,
  tx: Transaction,
  founding: Founding,
  by: { readonly actor: Actor } & From,
): Promise<AddedMember> {
  const { id, name, slug, domain, administrator, operator } = founding;
  await needs.access.organisations.create(tx, { id, name, slug, domain });
  const member = { ...administrator, roles: ['administrator'], operator, founder: by.actor } as const;
  const added = await needs.access.members.add(tx, id, member, null, by);
  await needs.prepare(tx, id, domain, by.actor);
  const subjects = [{ kind: 'organisation', id }];
  await needs.audit.append(
    tx,
    auditEntry(by, { organisation: id, action: 'organisation.created', actor: by.actor, subjects }),
  );
  return added;
}

/** A slug out of a name: lower-case letters, digits and single dashes, 3 to 40 characters. */
export function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40)
    .replace(/-$/, '');
  return plain.length >= 3 ? plain : `organisation-${plain === '' ? 'one' : plain}`;
}
