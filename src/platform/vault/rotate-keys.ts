import type { OrganisationId } from '#core/ids';
import type { RootKeyProvider } from './root-key/provider.ts';
import type { DroppedKeys, OrganisationRotation, RootRotation, Vault } from './vault.ts';

/** What `sealpost keys rotate` is asked to rotate. */
export type RotationScope =
  | {
      readonly kind: 'root' /** Default: a new key of the present provider. */;
      readonly provider?: RootKeyProvider;
    }
  | { readonly kind: 'organisation'; readonly organisation: OrganisationId }
  | { readonly kind: 'everything' };

export interface RotationReport {
  readonly root: RootRotation | null;
  readonly organisations: ReadonlyMap<OrganisationId, OrganisationRotation>;
  /** Superseded keys that were destroyed; those of this rotation follow at the next call after the grace time. */
  readonly dropped: DroppedKeys;
}

/** Rotates under load: reads and writes go on. Safe to repeat after it was interrupted. */
export async function rotateKeys(vault: Vault, scope: RotationScope): Promise<RotationReport> {
  const organisations = new Map<OrganisationId, OrganisationRotation>();
  for (const organisation of await inScope(vault, scope)) {
    organisations.set(organisation, await vault.rotateOrganisation(organisation));
  }
  let root: RootRotation | null = null;
  if (scope.kind === 'root') root = await vault.rotateRoot(scope.provider);
  if (scope.kind === 'everything') root = await vault.rotateRoot();
  return { root, organisations, dropped: await vault.dropUnusedKeys() };
}

async function inScope(vault: Vault, scope: RotationScope): Promise<readonly OrganisationId[]> {
  switch (scope.kind) {
    case 'root':
      return [];
    case 'organisation':
      return [scope.organisation];
    case 'everything':
      return vault.organisations();
  }
}
