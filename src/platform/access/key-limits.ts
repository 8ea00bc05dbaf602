import { z } from 'zod';
import { type Permission, SCOPE_KINDS, type Scope } from '#core/actor';
import type { CertificateDemand } from '#core/client-certificate';
import type { OrganisationId } from '#core/ids';
import type { Vault } from '#platform/vault';
import type { Grants } from './standing.ts';

/** What narrows a key beyond its permissions and networks. */
export interface KeyLimits {
  /** The single things it may be used for; empty: everything in the organisation. */
  readonly scopes: readonly KeyScope[];
  /** The client certificate that must come with it. */
  readonly certificate: KeyCertificate | null;
}

/** What a key opens: no roles, which only people have. */
export type KeyGrants = Pick<Grants, 'permissions' | 'scoped'>;

/** What can be chosen for a key: care relationships are people's. */
export type KeyScope = Scope & { readonly kind: (typeof SCOPE_KINDS)[number] };

/** By the SHA-256 of its SubjectPublicKeyInfo (base64url), or by its names under an authority that the operator named. */
export type KeyCertificate = Exclude<CertificateDemand, { readonly fingerprint: string }>;

export const NO_LIMITS: KeyLimits = { scopes: [], certificate: null };

const limitsSchema = z.strictObject({
  scopes: z.array(z.strictObject({ kind: z.enum(SCOPE_KINDS), id: z.string() })),
  certificate: z
    .union([
      z.strictObject({ spki: z.string() }),
      z.strictObject({ issuer: z.string(), subject: z.string() }),
    ])
    .nullable(),
});

const binding = (organisation: OrganisationId, row: string) => ({
  organisation,
  field: 'api-key.limits',
  row,
});

/** Null where there is nothing to narrow. */
export async function sealLimits(
  vault: Pick<Vault, 'sealValue'>,
  organisation: OrganisationId,
  row: string,
  limits: KeyLimits,
): Promise<Buffer | null> {
  if (limits.scopes.length === 0 && limits.certificate === null) return null;
  return vault.sealValue('configuration', binding(organisation, row), JSON.stringify(limits));
}

/** Throws where the stored limits cannot be read: a key whose limits are unknown must not be used. */
export async function openLimits(
  vault: Pick<Vault, 'openValue'>,
  organisation: OrganisationId,
  row: string,
  sealed: Buffer | null,
): Promise<KeyLimits> {
  if (sealed === null) return NO_LIMITS;
  const opened = await vault.openValue(binding(organisation, row), sealed);
  return limitsSchema.parse(JSON.parse(opened.toString('utf8')));
}

/**
 * What a key gives: what it was made for, for the things it was made for, and never more than who stands behind it holds
 * now (`bound`; null where set-up made it and nobody stands behind it).
 */
export function boundGrants(
  wanted: readonly Permission[],
  scopes: readonly Scope[],
  bound: KeyGrants | null,
): KeyGrants {
  const permissions = new Set<Permission>();
  const scoped = new Map<Permission, readonly Scope[]>();
  for (const permission of wanted) {
    const everywhere = bound === null || bound.permissions.has(permission);
    if (everywhere && scopes.length === 0) permissions.add(permission);
    else if (everywhere) scoped.set(permission, scopes);
    else {
      const held = bound.scoped.get(permission) ?? [];
      const both =
        scopes.length === 0 ? held : held.filter((one) => scopes.some((other) => same(one, other)));
      if (both.length > 0) scoped.set(permission, both);
    }
  }
  return { permissions, scoped };
}

function same(one: Scope, other: Scope): boolean {
  return one.kind === other.kind && one.id === other.id;
}
