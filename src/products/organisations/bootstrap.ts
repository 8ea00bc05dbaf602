import { PERMISSIONS, type Permission } from '#core/actor';
import { type IdentityId, INSTALLATION, type OrganisationId } from '#core/ids';
import { hashPassphrase, type IssuedApiKey } from '#platform/access';
import { newId } from '#platform/runtime';
import { foundOrganisation } from './found-organisation.ts';
import type { OrganisationPorts } from './ports.ts';
import { addressOf } from './schemas.ts';

export interface BootstrapRequest {
  readonly name: string;
  readonly slug: string;
  readonly domain: string;
  readonly administrator: { readonly address: string; readonly displayName: string };
  /** Kept without the rules for people's passphrases; null: the administrator cannot sign in. */
  readonly passphrase: string | null;
  readonly apiKey: { readonly label: string; readonly permissions: readonly Permission[] };
  /** True makes the administrator the operator and ends the set-up, as the first start's link would. */
  readonly operator: boolean;
}

export interface Bootstrapped {
  readonly organisation: OrganisationId;
  readonly administrator: IdentityId;
  readonly apiKey: IssuedApiKey;
}

/** All permissions that an organisation's own key can hold. */
export const ORGANISATION_PERMISSIONS = PERMISSIONS.filter(
  (permission) => permission !== 'installation:operate',
);

/**
 * An organisation with its administrator and an API key, without HTTP: for the demo, benches and tests. The same use
 * case as set-up and `POST /v1/organisations`, so nothing is made that they could not make.
 */
export async function bootstrapOrganisation(
  needs: OrganisationPorts,
  request: BootstrapRequest,
): Promise<Bootstrapped> {
  const { access, database } = needs;
  const id = newId() as OrganisationId;
  const from = {
    actor: { kind: 'system', component: 'bootstrap' },
    origin: { address: null, channel: 'cli' },
    request: null,
  } as const;
  const { name, slug, domain, operator, apiKey } = request;
  const administrator = {
    address: addressOf(request.administrator.address),
    displayName: request.administrator.displayName,
  };
  const hash = request.passphrase === null ? null : await hashPassphrase(request.passphrase);
  if (operator) await access.installation.ensure();
  return database.tenant([id, INSTALLATION], 'app', async (tx) => {
    const founding = { id, name, slug, domain, administrator, operator };
    const { identity } = await foundOrganisation(needs, tx, founding, from);
    if (hash !== null) await access.members.setPassphrase(tx, identity, hash);
    if (operator) await access.installation.finishSetup(tx, { consoleUrl: null, portalUrl: null });
    const key = { label: apiKey.label, permissions: apiKey.permissions, networks: [], expiresAt: null };
    const issued = await access.apiKeys.issue(tx, id, key, from.actor, from);
    return { organisation: id, administrator: identity, apiKey: issued };
  });
}
