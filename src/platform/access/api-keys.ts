import { createHash } from 'node:crypto';
import type { Actor, Caller, Permission } from '#core/actor';
import type { ClientCertificate } from '#core/client-certificate';
import { Refusal } from '#core/errors';
import type { ApiKeyId, IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import {
  endApiKey,
  insertApiKey,
  type ListedApiKeyRow,
  listApiKeyRows,
  readApiKeyRow,
  updateKeyDays,
} from './api-key.store.ts';
import { newApiKeyText } from './api-key-format.ts';
import { meetsDemands } from './certificate-demands.ts';
import { endApiKeysOf } from './end-access.store.ts';
import { requirePassable } from './holdings.ts';
import { requireAccount } from './key-grants.ts';
import { endOfLife, longestDays, successorEnd, tellExpiring } from './key-life.ts';
import { type KeyGrants, type KeyLimits, NO_LIMITS, openLimits, sealLimits } from './key-limits.ts';
import { type Loaded, loadCredential, MAC_USE } from './load-credential.ts';
import { addressAllowed, isNetwork } from './network-key.ts';
import { isPermission, requireAccess } from './permissions.ts';
import { type AccessPorts, auditEntry, type From } from './ports.ts';
import { makeSecretMac } from './secret-mac.ts';

/** How long a checked key is believed: the delay of a revocation made by another process. */
const KEPT_MS = 5_000;
const KEPT_MOST = 10_000;

export interface ApiKey {
  readonly id: ApiKeyId;
  readonly label: string;
  readonly prefix: string;
  readonly kind: 'secret' | 'jwt';
  readonly permissions: readonly Permission[];
  readonly networks: readonly string[];
  readonly limits: KeyLimits;
  /** Who made it and whose present rights bound it, where no service account does. */
  readonly createdBy: IdentityId | null;
  readonly serviceAccount: string | null;
  /** False: the person or the account behind it has gone, and it opens nothing. */
  readonly backed: boolean;
  /** Not used for 90 days though it stands. */
  readonly unused: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface NewApiKey {
  readonly label: string;
  readonly permissions: readonly Permission[];
  readonly networks: readonly string[];
  /** Null: as long as the organisation's rule allows (by set-up and the command line: no end). */
  readonly expiresAt: Date | null;
  readonly limits?: KeyLimits;
  readonly serviceAccount?: string | null;
  readonly kind?: 'secret' | 'jwt';
}

/** The key as its holder gets it, once. */
export interface IssuedApiKey {
  readonly key: ApiKey;
  readonly secret: string;
}

export interface KeyPrincipal extends KeyGrants {
  readonly organisation: OrganisationId;
  readonly actor: Actor;
}

export interface ApiKeys {
  /**
   * Who stands behind a key; null when unknown, revoked, expired, from a network it is not bound to, without the certificate
   * that it asks for, or when the person or account behind it has gone.
   */
  authenticate(
    text: string,
    address: string | null,
    certificate?: ClientCertificate | null,
  ): Promise<KeyPrincipal | null>;
  list(caller: Caller, before: string | null, most: number): Promise<ApiKey[]>;
  /**
   * Makes a key. Refusal `not-permitted` for a permission that the caller does not hold, `invalid` for a network that is
   * none, an end later than the rule allows, or a service account that is none. Runs in `tx` when given (it must carry the
   * organisation), so that a caller can bind more to it.
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
  /** A new key of the same kind and as long a life; the old one goes on for `overlapSeconds` (0 to 30 days). Refusals `not-found`, `wrong-state`. */
  rotate(caller: Caller, id: string, overlapSeconds: number): Promise<IssuedApiKey>;
  /** Ends a key, and the tokens of an OAuth client, at once (in other processes within five seconds). Refusal `not-found`. */
  revoke(caller: Caller, id: string): Promise<void>;
  /** Ends every key that a person made in an organisation, but for those of service accounts, with the same delay; writes `api-key.revoked` for each. */
  endOf(
    tx: Transaction,
    who: { readonly identity: IdentityId; readonly organisation: OrganisationId; readonly reason: string },
    actor: Actor,
    from: From,
  ): Promise<number>;
  /** Days that a new key may live at most. */
  longestDays(caller: Caller): Promise<number>;
  setLongestDays(caller: Caller, days: number): Promise<void>;
  /** Puts the keys that end within 14 days on record, each once, as `api-key.expires-soon`; how many. For the worker. */
  tellExpiring(organisation: OrganisationId): Promise<number>;
  /** Drops what is remembered of the keys that somebody's rights bound: a person's own, or an account's. */
  forgetBacker(backer: string): void;
  /** The same for everybody: when a role, a group or a guardrail changed that many may have. */
  forgetBackers(): void;
  /** The same for one key. */
  forgetKey(id: ApiKeyId): void;
}

type Kept = Loaded & { readonly until: number };

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
    const loaded = await loadCredential(ports, text);
    return loaded === null ? null : { ...loaded, until: clock.monotonic() + KEPT_MS };
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
    const kind = key.kind ?? 'secret';
    const limits = key.limits ?? NO_LIMITS;
    const row = await insertApiKey(tx, {
      id,
      organisation,
      label: key.label,
      prefix: text.prefix,
      // An OAuth client has no secret of ours; an empty MAC fits none.
      secret_mac:
        kind === 'jwt' ? Buffer.alloc(0) : await makeSecretMac(vault, organisation, MAC_USE, text.secret),
      permissions: [...key.permissions],
      networks: [...key.networks],
      created_by: actor.kind === 'person' ? actor.identity : null,
      expires_at: key.expiresAt,
      kind,
      service_account: key.serviceAccount ?? null,
      limits: await sealLimits(vault, organisation, id, limits),
    });
    const subjects: { readonly kind: string; readonly id: string }[] = [{ kind: 'api-key', id }];
    if (cause.replaces !== undefined) subjects.push({ kind: 'api-key', id: cause.replaces });
    if (row.service_account !== null) subjects.push({ kind: 'service-account', id: row.service_account });
    const details = {
      ...{ permissions: key.permissions.length, networks: key.networks.length, kind },
      ...{ scopes: limits.scopes.length, certificate: limits.certificate !== null },
    };
    await audit.append(
      tx,
      auditEntry(from, { organisation, action: cause.action, actor, subjects, details }),
    );
    return { key: view({ ...row, backed: true }, limits, clock.now()), secret: text.text };
  }

  return {
    async authenticate(text, address, certificate = null) {
      const found = await verified(text);
      if (found === null || !addressAllowed(address, found.networks)) return null;
      if (found.expiresAt !== null && found.expiresAt <= clock.now()) return null;
      if (!(await meetsDemands(ports, certificate, found.demands))) return null;
      return found.principal;
    },

    async list(caller, before, most) {
      requireAccess(caller, 'api-keys:read');
      const { organisation } = caller;
      const rows = await database.tenant([organisation], 'app', (tx) =>
        listApiKeyRows(tx, organisation, before, most),
      );
      const now = clock.now();
      return Promise.all(
        rows.map(async (row) => view(row, await openLimits(vault, organisation, row.id, row.limits), now)),
      );
    },

    async create(caller, key, tx) {
      requireAccess(caller, 'api-keys:write');
      const { permissions, limits = NO_LIMITS } = key;
      const work = async (inner: Transaction) => {
        const expiresAt = await endOfLife(inner, caller.organisation, key.expiresAt, clock.now());
        await requirePassable(inner, ports, caller, { permissions, until: expiresAt, scopes: limits.scopes });
        await requireAccount(inner, caller.organisation, key.serviceAccount ?? null);
        return issue(inner, caller.organisation, { ...key, expiresAt }, caller.actor, caller);
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
        const limits = await openLimits(vault, organisation, row.id, row.limits);
        const expiresAt = await successorEnd(tx, row, now);
        await requirePassable(tx, ports, caller, { permissions, until: expiresAt, scopes: limits.scopes });
        if (row.kind === 'jwt') throw new Refusal('wrong-state', { state: 'no-secret' });
        const key = {
          ...{ label: row.label, permissions, networks: row.networks, serviceAccount: row.service_account },
          ...{ limits, expiresAt },
        };
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

    async longestDays(caller) {
      requireAccess(caller, 'api-keys:read');
      const { organisation } = caller;
      return database.tenant([organisation], 'app', (tx) => longestDays(tx, organisation));
    },

    async setLongestDays(caller, days) {
      requireAccess(caller, 'api-keys:write');
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        await updateKeyDays(tx, organisation, days);
        const details = { longestDays: days };
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'api-key.rule-changed', actor, details }),
        );
      });
    },

    tellExpiring: (organisation) =>
      database.tenant([organisation], 'app', (tx) => tellExpiring({ audit, clock }, tx, organisation)),

    forgetKey: forget,

    forgetBackers() {
      changes += 1;
      kept.clear();
    },

    forgetBacker(backer) {
      changes += 1;
      for (const [hash, item] of kept) if (item.backer === backer) kept.delete(hash);
    },
  };
}

const UNUSED_MS = 90 * 86_400_000;

function view(row: ListedApiKeyRow, limits: KeyLimits, now: Date): ApiKey {
  const ended = row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= now);
  const seen = row.last_used_at ?? row.created_at;
  return {
    id: row.id,
    label: row.label,
    prefix: row.prefix,
    kind: row.kind,
    permissions: row.permissions.filter(isPermission),
    networks: row.networks,
    limits,
    createdBy: row.created_by,
    serviceAccount: row.service_account,
    backed: row.backed,
    unused: !ended && now.getTime() - seen.getTime() > UNUSED_MS,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
