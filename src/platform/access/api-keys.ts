import { createHash } from 'node:crypto';
import type { Actor, Caller, Permission } from '#core/actor';
import { Refusal } from '#core/errors';
import type { ApiKeyId, IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import {
  type ApiKeyRow,
  endApiKey,
  insertApiKey,
  listApiKeyRows,
  locateApiKey,
  noteApiKeyUse,
  readApiKeyRow,
} from './api-key.store.ts';
import { newApiKeyText, parseApiKey } from './api-key-format.ts';
import { endApiKeysOf } from './end-access.store.ts';
import { withinGuardrails } from './grants.ts';
import { requirePassable } from './holdings.ts';
import { addressAllowed, isNetwork } from './network-key.ts';
import { isPermission, requireAccess } from './permissions.ts';
import { type AccessPorts, auditEntry, type From } from './ports.ts';
import { makeSecretMac, matchesSecretMac } from './secret-mac.ts';

const MAC_USE = 'api-key/1';
/** How long a checked key is believed: the delay of a revocation made by another process. */
const KEPT_MS = 5_000;
const KEPT_MOST = 10_000;

export interface ApiKey {
  readonly id: ApiKeyId;
  readonly label: string;
  readonly prefix: string;
  readonly permissions: readonly Permission[];
  readonly networks: readonly string[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface NewApiKey {
  readonly label: string;
  readonly permissions: readonly Permission[];
  readonly networks: readonly string[];
  readonly expiresAt: Date | null;
}

/** The key as its holder gets it, once. */
export interface IssuedApiKey {
  readonly key: ApiKey;
  readonly secret: string;
}

export interface KeyPrincipal {
  readonly organisation: OrganisationId;
  readonly actor: Actor;
  readonly permissions: ReadonlySet<Permission>;
}

export interface ApiKeys {
  /** Who stands behind a key; null when unknown, revoked, expired, or from a network it is not bound to. */
  authenticate(text: string, address: string | null): Promise<KeyPrincipal | null>;
  list(caller: Caller, before: string | null, most: number): Promise<ApiKey[]>;
  /**
   * Makes a key. Refusal `not-permitted` for a permission that the caller does not hold, `invalid` for a network that is
   * none. Runs in `tx` when given (it must carry the organisation), so that a caller can bind more to it.
   */
  create(caller: Caller, key: NewApiKey, tx?: Transaction): Promise<IssuedApiKey>;
  /** For set-up, demo and tests, where no caller exists yet: the same without asking for permissions. */
  issue(
    tx: Transaction,
    organisation: OrganisationId,
    key: NewApiKey,
    by: Actor,
    from: From,
  ): Promise<IssuedApiKey>;
  /** A new key of the same kind; the old one goes on for `overlapSeconds` (0 to 30 days). Refusals `not-found`, `wrong-state`. */
  rotate(caller: Caller, id: string, overlapSeconds: number): Promise<IssuedApiKey>;
  /** Ends a key at once (in other processes within five seconds). Refusal `not-found`. */
  revoke(caller: Caller, id: string): Promise<void>;
  /** Ends every key that a person made in an organisation, with the same delay; writes `api-key.revoked` for each. */
  endOf(
    tx: Transaction,
    who: { readonly identity: IdentityId; readonly organisation: OrganisationId; readonly reason: string },
    actor: Actor,
    from: From,
  ): Promise<number>;
}

interface Kept {
  readonly id: ApiKeyId;
  readonly principal: KeyPrincipal;
  readonly networks: readonly string[];
  readonly expiresAt: Date | null;
  readonly until: number;
}

export function createApiKeys(ports: AccessPorts): ApiKeys {
  const { database, vault, audit, clock } = ports;
  // By the hash of the whole key: the keys themselves are not held in memory.
  const kept = new Map<string, Kept>();
  const loading = new Map<string, Promise<Kept | null>>();
  // A look-up that began before a key was ended must not be kept after it.
  let changes = 0;
  const forget = (id: ApiKeyId): void => {
    changes += 1;
    for (const [hash, item] of kept) if (item.id === id) kept.delete(hash);
  };

  async function load(text: string): Promise<Kept | null> {
    const parsed = parseApiKey(text);
    if (parsed === null) return null;
    const place = await database.system('app', (tx) => locateApiKey(tx, parsed.prefix));
    if (place === undefined) return null;
    const now = clock.now();
    const row = await database.tenant([place.organisation], 'app', async (tx) => {
      const found = await readApiKeyRow(tx, place.organisation, place.id);
      if (
        found === undefined ||
        !(await matchesSecretMac(vault, place.organisation, MAC_USE, parsed.secret, found.secret_mac))
      ) {
        return undefined;
      }
      if (found.revoked_at !== null || (found.expires_at !== null && found.expires_at <= now))
        return undefined;
      await noteApiKeyUse(tx, found.id, now);
      const permissions = found.permissions.filter(isPermission);
      return { ...found, permissions: await withinGuardrails(tx, place.organisation, permissions) };
    });
    if (row === undefined) return null;
    return {
      id: row.id,
      principal: {
        organisation: row.organisation,
        actor: { kind: 'api-key', apiKey: row.id },
        permissions: new Set(row.permissions),
      },
      networks: row.networks,
      expiresAt: row.expires_at,
      until: clock.monotonic() + KEPT_MS,
    };
  }

  async function verified(text: string): Promise<Kept | null> {
    const hash = createHash('sha256').update(text).digest('base64');
    const known = kept.get(hash);
    if (known !== undefined && known.until > clock.monotonic()) return known;
    // Many requests of one key at once share one look-up.
    const running = loading.get(hash);
    if (running !== undefined) return running;
    const before = changes;
    const work = load(text).finally(() => loading.delete(hash));
    loading.set(hash, work);
    const fresh = await work;
    kept.delete(hash);
    if (fresh !== null && changes === before) {
      if (kept.size >= KEPT_MOST) kept.clear();
      kept.set(hash, fresh);
    }
    return fresh;
  }

  async function issue(
    tx: Transaction,
    organisation: OrganisationId,
    key: NewApiKey,
    actor: Actor,
    from: From,
    cause: { readonly action: string; readonly replaces?: string } = { action: 'api-key.created' },
  ): Promise<IssuedApiKey> {
    const bad = key.networks.find((network) => !isNetwork(network));
    if (bad !== undefined) throw new Refusal('invalid', { path: 'networks' });
    if (key.expiresAt !== null && key.expiresAt <= clock.now())
      throw new Refusal('invalid', { path: 'expiresAt' });
    const text = newApiKeyText();
    const id = newId(clock) as ApiKeyId;
    const row = await insertApiKey(tx, {
      id,
      organisation,
      label: key.label,
      prefix: text.prefix,
      secret_mac: await makeSecretMac(vault, organisation, MAC_USE, text.secret),
      permissions: [...key.permissions],
      networks: [...key.networks],
      created_by: actor.kind === 'person' ? actor.identity : null,
      expires_at: key.expiresAt,
    });
    const subjects: { readonly kind: string; readonly id: string }[] = [{ kind: 'api-key', id }];
    if (cause.replaces !== undefined) subjects.push({ kind: 'api-key', id: cause.replaces });
    const details = { permissions: key.permissions.length, networks: key.networks.length };
    await audit.append(
      tx,
      auditEntry(from, { organisation, action: cause.action, actor, subjects, details }),
    );
    return { key: fromRow(row), secret: text.text };
  }

  return {
    async authenticate(text, address) {
      const found = await verified(text);
      if (found === null || !addressAllowed(address, found.networks)) return null;
      if (found.expiresAt !== null && found.expiresAt <= clock.now()) return null;
      return found.principal;
    },

    async list(caller, before, most) {
      requireAccess(caller, 'api-keys:read');
      const { organisation } = caller;
      const rows = await database.tenant([organisation], 'app', (tx) =>
        listApiKeyRows(tx, organisation, before, most),
      );
      return rows.map(fromRow);
    },

    async create(caller, key, tx) {
      requireAccess(caller, 'api-keys:write');
      const work = async (inner: Transaction) => {
        await requirePassable(inner, ports, caller, key.permissions, key.expiresAt);
        return issue(inner, caller.organisation, key, caller.actor, caller);
      };
      return tx === undefined ? database.tenant([caller.organisation], 'app', work) : work(tx);
    },

    issue,

    async rotate(caller, id, overlapSeconds) {
      requireAccess(caller, 'api-keys:write');
      const { organisation } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const row = await readApiKeyRow(tx, organisation, id);
        if (row === undefined) throw new Refusal('not-found');
        const now = clock.now();
        if (row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now)) {
          throw new Refusal('wrong-state', { state: 'ended' });
        }
        const permissions = row.permissions.filter(isPermission);
        await requirePassable(tx, ports, caller, permissions, row.expires_at);
        const key = { label: row.label, permissions, networks: row.networks, expiresAt: row.expires_at };
        const cause = { action: 'api-key.rotated', replaces: row.id };
        const issued = await issue(tx, organisation, key, caller.actor, caller, cause);
        const end = new Date(now.getTime() + overlapSeconds * 1000);
        await endApiKey(
          tx,
          organisation,
          id,
          overlapSeconds === 0 ? { revokedAt: now, expiresAt: null } : { revokedAt: null, expiresAt: end },
        );
        tx.afterCommit(() => forget(row.id));
        return issued;
      });
    },

    async revoke(caller, id) {
      requireAccess(caller, 'api-keys:write');
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        const row = await readApiKeyRow(tx, organisation, id);
        const end = { revokedAt: clock.now(), expiresAt: null };
        if (row === undefined || !(await endApiKey(tx, organisation, id, end)))
          throw new Refusal('not-found');
        const subjects = [{ kind: 'api-key', id: row.id }];
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'api-key.revoked', actor, subjects }),
        );
        tx.afterCommit(() => forget(row.id));
      });
    },

    async endOf(tx, { identity, organisation, reason }, actor, from) {
      const ids = await endApiKeysOf(tx, organisation, identity, clock.now());
      for (const id of ids) {
        const subjects = [{ kind: 'api-key', id }];
        const entry = { organisation, action: 'api-key.revoked', actor, subjects, details: { reason } };
        await audit.append(tx, auditEntry(from, entry));
        tx.afterCommit(() => forget(id));
      }
      return ids.length;
    },
  };
}

function fromRow(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    label: row.label,
    prefix: row.prefix,
    permissions: row.permissions.filter(isPermission),
    networks: row.networks,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
