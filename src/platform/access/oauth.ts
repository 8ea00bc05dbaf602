import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Caller, Permission } from '#core/actor';
import type { CertificateDemand, ClientCertificate } from '#core/client-certificate';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { type ApiKeyRow, locateApiKey, noteApiKeyUse, readApiKeyRow } from './api-key.store.ts';
import { newAccessToken } from './api-key-format.ts';
import type { ApiKey, ApiKeys, NewApiKey } from './api-keys.ts';
import { meetsDemands } from './certificate-demands.ts';
import { claimedClient, type KeySet, keySetSchema } from './client-assertion.ts';
import { type ClientKeys, createClientKeys, type FetchKeySet, type Taken } from './client-keys.ts';
import { requirePassable } from './holdings.ts';
import { tokenHash } from './installation.ts';
import { grantsOfKey } from './key-grants.ts';
import { type KeyGrants, openLimits } from './key-limits.ts';
import { stands } from './load-credential.ts';
import { addressAllowed } from './network-key.ts';
import {
  endTokensOf,
  holdKeySource,
  insertToken,
  type OauthClientRow,
  putOauthClient,
  readOauthClient,
  sweepOauth,
  takeAssertion,
} from './oauth.store.ts';
import { isPermission, requireAccess } from './permissions.ts';
import { type AccessPorts, auditEntry, type From } from './ports.ts';

/** Where a client's public keys are. */
export type KeySource = { readonly jwks: KeySet } | { readonly url: string };

const keySourceSchema = z.union([
  z.strictObject({ jwks: keySetSchema }),
  z.strictObject({ url: z.string() }),
]);

export interface NewOauthClient extends Omit<NewApiKey, 'kind' | 'serviceAccount'> {
  readonly serviceAccount: string;
  readonly keySource: KeySource;
  /** Life of its access tokens: 300 to 900 seconds. */
  readonly tokenSeconds: number;
  /** Tokens are good only with the certificate that they were fetched with (RFC 8705). */
  readonly bindCertificate: boolean;
}

export interface TokenRequest {
  readonly assertion: string;
  /** As the client names itself beside the assertion, where it does. */
  readonly clientId: string | null;
  /** Permissions, separated by spaces; null: all that it may have. */
  readonly scope: string | null;
  readonly certificate: ClientCertificate | null;
  /** What the assertion may be addressed to: the token endpoint or the issuer. */
  readonly audiences: readonly string[];
  readonly fetchKeySet: FetchKeySet;
}

/** Codes of RFC 6749 section 5.2. */
export type TokenAnswer =
  | {
      readonly kind: 'issued';
      readonly token: string;
      readonly seconds: number;
      readonly permissions: readonly Permission[];
    }
  | { readonly kind: 'refused'; readonly error: 'invalid_client' | 'invalid_scope' };

/** OAuth 2.0 client credentials for programs that sign with a key of their own. */
export interface Oauth {
  /** Refusals as with `apiKeys.create`. */
  register(caller: Caller, client: NewOauthClient): Promise<ApiKey>;
  /**
   * Other public keys for a client; the tokens that it has end at once (in other processes within five seconds). Refusals
   * `not-found`, `not-permitted` for a client that may do more than the caller.
   */
  changeKeys(caller: Caller, id: string, source: KeySource): Promise<void>;
  /** Takes an assertion and gives a token for it. Why something was refused stands in the audit, not in the answer. */
  token(request: TokenRequest, from: From): Promise<TokenAnswer>;
  sweep(organisation: OrganisationId): Promise<number>;
}

const binding = (organisation: OrganisationId, row: string) => ({
  ...{ organisation, row },
  field: 'oauth-client.key-source',
});

interface FoundClient {
  readonly key: ApiKeyRow;
  readonly client: OauthClientRow;
  readonly source: KeySource;
  readonly grants: KeyGrants;
  readonly demands: readonly CertificateDemand[];
}

export function createOauth(ports: AccessPorts, apiKeys: ApiKeys): Oauth {
  const { database, vault, audit, clock } = ports;
  const clientKeys = createClientKeys(clock);
  const seal = (organisation: OrganisationId, id: string, source: KeySource) =>
    vault.sealValue('configuration', binding(organisation, id), JSON.stringify(source));

  return {
    async register(caller, { keySource, tokenSeconds, bindCertificate, ...key }) {
      const { organisation } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const issued = await apiKeys.create(caller, { ...key, kind: 'jwt' }, tx);
        await putOauthClient(tx, organisation, {
          ...{ api_key: issued.key.id, key_source: await seal(organisation, issued.key.id, keySource) },
          ...{ token_seconds: tokenSeconds, bind_certificate: bindCertificate },
        });
        return issued.key;
      });
    },

    async changeKeys(caller, id, source) {
      requireAccess(caller, 'api-keys:write');
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        const key = await readApiKeyRow(tx, organisation, id);
        const client = await readOauthClient(tx, organisation, id);
        if (key === undefined || client === undefined || !stands(key, clock.now()))
          throw new Refusal('not-found');
        // Who may put their own key in is who may be the client.
        await requirePassable(tx, ports, caller, {
          permissions: key.permissions.filter(isPermission),
          until: key.expires_at,
          scopes: (await openLimits(vault, organisation, key.id, key.limits)).scopes,
        });
        await putOauthClient(tx, organisation, {
          ...client,
          key_source: await seal(organisation, key.id, source),
        });
        // Whoever had the key of before may hold a token of it.
        const endedTokens = await endTokensOf(tx, organisation, key.id, clock.now());
        tx.afterCommit(() => apiKeys.forgetKey(key.id));
        const subjects = [{ kind: 'api-key', id: key.id }];
        const details = { by: 'url' in source ? 'address' : 'value', endedTokens };
        await audit.append(
          tx,
          auditEntry(caller, { organisation, actor, action: 'oauth-client.keys-changed', subjects, details }),
        );
      });
    },

    async token(request, from) {
      const claimed = claimedClient(request.assertion);
      if (claimed === null || (request.clientId !== null && request.clientId !== claimed))
        return { kind: 'refused', error: 'invalid_client' };
      const place = await database.system('app', (tx) => locateApiKey(tx, claimed));
      if (place === undefined) return { kind: 'refused', error: 'invalid_client' };
      const { organisation } = place;
      const found = await database.tenant([organisation], 'app', (tx) =>
        findClient(ports, tx, organisation, place.id, from),
      );
      const taken =
        found === null
          ? ({ kind: 'bad', reason: 'no-client' } as const)
          : await judge(ports, clientKeys, found, request);
      if (taken.kind === 'bad' || found === null)
        return refuse(ports, organisation, place.id, taken.kind === 'bad' ? taken.reason : 'no-client', from);
      return issue(ports, found, request, taken, from);
    },

    sweep: (organisation) =>
      database.tenant([organisation], 'app', (tx) => sweepOauth(tx, organisation, clock.now())),
  };
}

async function findClient(
  { vault, clock }: AccessPorts,
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  from: From,
): Promise<FoundClient | null> {
  const key = await readApiKeyRow(tx, organisation, id);
  const client = await readOauthClient(tx, organisation, id);
  if (key === undefined || client === undefined || !stands(key, clock.now())) return null;
  if (!addressAllowed(from.origin.address, key.networks)) return null;
  const granted = await grantsOfKey(tx, vault, key, clock.now());
  if (granted === null) return null;
  const opened = await vault.openValue(binding(organisation, key.id), client.key_source);
  const { certificate } = granted.keyLimits;
  return {
    ...{ key, client, grants: granted.grants },
    source: keySourceSchema.parse(JSON.parse(opened.toString('utf8'))),
    demands: certificate === null ? [] : [certificate],
  };
}

async function judge(
  ports: AccessPorts,
  clientKeys: ClientKeys,
  found: FoundClient,
  request: TokenRequest,
): Promise<Taken> {
  const { certificate } = request;
  if (found.client.bind_certificate && certificate === null) return { kind: 'bad', reason: 'certificate' };
  // What the token is to be bound to is looked at as a demand of its own: a revoked one would give a token that opens nothing.
  const bound =
    found.client.bind_certificate && certificate ? [{ fingerprint: certificate.fingerprint }] : [];
  if (!(await meetsDemands(ports, certificate, [...found.demands, ...bound])))
    return { kind: 'bad', reason: 'certificate' };
  const asked = { client: found.key.prefix, audiences: request.audiences, now: ports.clock.now() };
  return clientKeys.judge(found.source, request.assertion, asked, request.fetchKeySet);
}

async function issue(
  { database, audit, clock }: AccessPorts,
  { key, client, grants }: FoundClient,
  request: TokenRequest,
  taken: Extract<Taken, { kind: 'good' }>,
  from: From,
): Promise<TokenAnswer> {
  const { organisation } = key;
  const subjects = subjectsOf(key.id, key.service_account);
  const actor = { kind: 'api-key', apiKey: key.id } as const;
  const token = newAccessToken();
  return database.tenant([organisation], 'app', async (tx): Promise<TokenAnswer> => {
    const jtiHash = createHash('sha256').update(taken.jti).digest();
    const first = await takeAssertion(tx, organisation, key.id, jtiHash, taken.expiresAt);
    // Keys may have been changed since the signature was looked at; they wait now until the token is there to be ended.
    const same = (await holdKeySource(tx, organisation, key.id))?.equals(client.key_source) === true;
    const permissions = narrowed(key, grants, request.scope);
    if (!first || !same || permissions.length === 0) {
      // The assertion stays used up: whoever asks again asks with a new one.
      const details = { reason: !first ? 'replayed' : same ? 'scope' : 'keys-changed' };
      const entry = { organisation, actor, action: 'oauth.token-refused', subjects, details } as const;
      await audit.append(tx, auditEntry(from, { ...entry, result: 'refused' }));
      return { kind: 'refused', error: first && same ? 'invalid_scope' : 'invalid_client' };
    }
    const now = clock.now();
    const bound = client.bind_certificate ? (request.certificate?.fingerprint ?? null) : null;
    await insertToken(tx, organisation, {
      ...{ id: newId(clock), client: key.id, permissions, tokenHash: tokenHash(token), at: now },
      certificate: bound === null ? null : Buffer.from(bound, 'base64url'),
      expires_at: new Date(now.getTime() + client.token_seconds * 1000),
    });
    await noteApiKeyUse(tx, key.id, now);
    const details = { permissions: permissions.length, seconds: client.token_seconds, bound: bound !== null };
    await audit.append(
      tx,
      auditEntry(from, { organisation, actor, action: 'oauth.token-issued', subjects, details }),
    );
    return { kind: 'issued', token, seconds: client.token_seconds, permissions };
  });
}

/** What is asked for and may be had; unknown words are passed over, as RFC 6749 section 3.3 lets a server do. */
function narrowed(key: ApiKeyRow, grants: KeyGrants, scope: string | null): Permission[] {
  const held = key.permissions
    .filter(isPermission)
    .filter((permission) => grants.permissions.has(permission) || grants.scoped.has(permission));
  if (scope === null) return held;
  const wanted = new Set(scope.split(' '));
  return held.filter((permission) => wanted.has(permission));
}

async function refuse(
  { database, audit }: AccessPorts,
  organisation: OrganisationId,
  client: string,
  reason: string,
  from: From,
): Promise<TokenAnswer> {
  await database.tenant([organisation], 'app', async (tx) => {
    const entry = {
      ...{ organisation, action: 'oauth.token-refused', details: { reason } },
      result: 'refused',
      actor: { kind: 'system', component: 'oauth' },
      subjects: subjectsOf(client, null),
    } as const;
    await audit.append(tx, auditEntry(from, entry));
  });
  return { kind: 'refused', error: 'invalid_client' };
}

function subjectsOf(client: string, account: string | null) {
  const subjects = [{ kind: 'api-key', id: client }];
  if (account !== null) subjects.push({ kind: 'service-account', id: account });
  return subjects;
}
