import type { CertificateDemand } from '#core/client-certificate';
import type { ApiKeyId } from '#core/ids';
import { type ApiKeyRow, locateApiKey, noteApiKeyUse, readApiKeyRow } from './api-key.store.ts';
import { isAccessToken, parseApiKey } from './api-key-format.ts';
import type { KeyPrincipal } from './api-keys.ts';
import { tokenHash } from './installation.ts';
import { grantsOfKey } from './key-grants.ts';
import { locateToken, readToken } from './oauth.store.ts';
import type { AccessPorts } from './ports.ts';
import { matchesSecretMac } from './secret-mac.ts';

export const MAC_USE = 'api-key/1';

/** What is known of a bearer credential that stands. */
export interface Loaded {
  readonly id: ApiKeyId;
  /** The person or the service account whose rights bound it. */
  readonly backer: string | null;
  readonly principal: KeyPrincipal;
  readonly networks: readonly string[];
  readonly demands: readonly CertificateDemand[];
  readonly expiresAt: Date | null;
}

type LoadPorts = Pick<AccessPorts, 'database' | 'vault' | 'clock'>;

/** Looks a key or an access token up, notes its use; null when it opens nothing. */
export function loadCredential(ports: LoadPorts, text: string): Promise<Loaded | null> {
  return isAccessToken(text) ? loadToken(ports, text) : loadKey(ports, text);
}

async function loadKey({ database, vault, clock }: LoadPorts, text: string): Promise<Loaded | null> {
  const parsed = parseApiKey(text);
  if (parsed === null) return null;
  const place = await database.system('app', (tx) => locateApiKey(tx, parsed.prefix));
  if (place === undefined) return null;
  const { organisation } = place;
  const now = clock.now();
  return database.tenant([organisation], 'app', async (tx) => {
    const row = await readApiKeyRow(tx, organisation, place.id);
    if (
      row === undefined ||
      !(await matchesSecretMac(vault, organisation, MAC_USE, parsed.secret, row.secret_mac)) ||
      !stands(row, now)
    ) {
      return null;
    }
    const granted = await grantsOfKey(tx, vault, row, now);
    if (granted === null) return null;
    await noteApiKeyUse(tx, row.id, now);
    const { certificate } = granted.keyLimits;
    return {
      ...common(row, granted.grants),
      demands: certificate === null ? [] : [certificate],
      expiresAt: row.expires_at,
    };
  });
}

/** A token opens what it was given, for as long as its client and the account behind it stand. */
async function loadToken({ database, vault, clock }: LoadPorts, text: string): Promise<Loaded | null> {
  const place = await database.system('app', (tx) => locateToken(tx, tokenHash(text)));
  if (place === undefined) return null;
  const { organisation } = place;
  const now = clock.now();
  return database.tenant([organisation], 'app', async (tx) => {
    const token = await readToken(tx, organisation, place.id);
    if (token === undefined || token.ended_at !== null || token.expires_at <= now) return null;
    const row = await readApiKeyRow(tx, organisation, token.client);
    if (row === undefined || row.kind !== 'jwt' || !stands(row, now)) return null;
    const wanted = row.permissions.filter((permission) => token.permissions.includes(permission));
    const granted = await grantsOfKey(tx, vault, { ...row, permissions: wanted }, now);
    if (granted === null) return null;
    await noteApiKeyUse(tx, row.id, now);
    const { certificate } = granted.keyLimits;
    return {
      ...common(row, granted.grants),
      demands: [
        ...(certificate === null ? [] : [certificate]),
        ...(token.certificate === null ? [] : [{ fingerprint: token.certificate.toString('base64url') }]),
      ],
      expiresAt: token.expires_at,
    };
  });
}

/** Whether a key has neither been revoked nor come to its end. */
export function stands(row: Pick<ApiKeyRow, 'revoked_at' | 'expires_at'>, now: Date): boolean {
  return row.revoked_at === null && (row.expires_at === null || row.expires_at > now);
}

function common(row: ApiKeyRow, grants: Pick<KeyPrincipal, 'permissions' | 'scoped'>) {
  return {
    id: row.id,
    backer: row.service_account ?? row.created_by,
    principal: {
      organisation: row.organisation,
      actor: { kind: 'api-key', apiKey: row.id } as const,
      permissions: grants.permissions,
      scoped: grants.scoped,
    },
    networks: row.networks,
  };
}
