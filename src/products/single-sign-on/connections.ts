import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import {
  domainsTaken,
  putSignOnDomains,
  readSignOnDomains,
  requireAccess,
  type SignOnDomain,
} from '#platform/access';
import type { Transaction } from '#platform/database';
import { keepSecret, type OidcProviderGiven } from '#platform/federation';
import { samlKeyPair } from '#platform/keyring';
import { newId } from '#platform/runtime';
import { ceilingOf } from './ceiling.ts';
import {
  type ConnectionRow,
  insertConnection,
  listConnections,
  readConnection,
  removeConnection,
  updateConnection,
} from './connection.store.ts';
import type { SignOnNeeds } from './ports.ts';
import { allSessionsOf, deleteLinks } from './road.store.ts';
import { firstRules, type Rules, rolesOf } from './rules.ts';
import { newOidc, newSaml, openSettings, type Settings, sealSettings } from './settings.ts';

/** A connection with everything that belongs to it, opened. */
export interface Connection {
  readonly organisation: OrganisationId;
  readonly row: ConnectionRow;
  readonly settings: Settings;
  readonly domains: readonly SignOnDomain[];
}

export type OidcProvider = OidcProviderGiven;
export type SamlProvider = NonNullable<Extract<Settings, { kind: 'saml' }>['provider']>;

export interface ConnectionChange {
  readonly name: string;
  readonly live: boolean;
  readonly provider:
    | ({ readonly kind: 'oidc' } & OidcProvider)
    | ({ readonly kind: 'saml' } & SamlProvider)
    | null;
  readonly domains: readonly string[];
  readonly enforced: boolean;
  readonly exempt: readonly string[];
  readonly rules: Rules;
}

/** What an organisation keeps of its identity providers. */
export interface Connections {
  list(caller: Caller): Promise<Connection[]>;
  get(caller: Caller, id: string): Promise<Connection>;
  create(
    caller: Caller,
    wanted: { readonly kind: 'oidc' | 'saml'; readonly name: string },
  ): Promise<Connection>;
  /**
   * Replaces what can be changed. What decides who somebody is (provider, domains, rules) makes the caller's permissions the
   * ceiling of the connection. Refusals `invalid` with a reason, `not-permitted` for roles that the caller does not hold.
   */
  change(caller: Caller, id: string, wanted: ConnectionChange): Promise<Connection>;
  /** Its sessions end at once, its roles too; people stay members. */
  remove(caller: Caller, id: string): Promise<void>;
  /** Without a caller, for the road itself. */
  load(organisation: OrganisationId, id: string): Promise<Connection | undefined>;
}

export const sourceOf = (id: string): string => `sso:${id}`;
export const invalid = (path: string, reason: string): Refusal => new Refusal('invalid', { path, reason });

export function createConnections(needs: SignOnNeeds): Connections {
  const { database, vault, audit, clock, access } = needs;

  async function open(
    tx: Transaction,
    organisation: OrganisationId,
    row: ConnectionRow,
  ): Promise<Connection> {
    const domains = await readSignOnDomains(tx, organisation, row.id);
    return { organisation, row, settings: await openSettings(vault, organisation, row), domains };
  }

  async function load(organisation: OrganisationId, id: string): Promise<Connection | undefined> {
    return database.tenant([organisation], 'app', async (tx) => {
      const row = await readConnection(tx, organisation, id);
      return row === undefined ? undefined : open(tx, organisation, row);
    });
  }

  async function get(caller: Caller, id: string): Promise<Connection> {
    requireAccess(caller, 'sign-in:read');
    const found = await load(caller.organisation, id);
    if (found === undefined) throw new Refusal('not-found');
    return found;
  }

  async function requireFit(
    tx: Transaction,
    caller: Caller,
    before: Connection,
    wanted: ConnectionChange,
    settings: Settings,
  ): Promise<void> {
    const { organisation } = caller;
    if (!(await access.provided.mayGive(tx, caller, rolesOf(wanted.rules))))
      throw invalid('rules.mapping', 'unknown-role');
    const taken = await domainsTaken(tx, organisation, before.row.id, wanted.domains);
    if (taken.length > 0) throw invalid('domains', 'not-yours');
    if (wanted.live && settings.provider === null) throw invalid('live', 'needs-provider');
    if (wanted.live && settings.kind === 'oidc' && lacksSecret(settings))
      throw invalid('provider.secret', 'needs-secret');
    if (wanted.rules.endsMembership && wanted.rules.requiredGroup === null)
      throw invalid('rules.requiredGroup', 'needs-group');
    if (!wanted.enforced) return;
    if (wanted.domains.length === 0) throw invalid('domains', 'needs-domain');
    if (wanted.exempt.length === 0) throw invalid('exempt', 'needs-exempt');
    for (const one of wanted.exempt) {
      const standing = await access.provided.standing(tx, organisation, one as IdentityId);
      if (standing !== 'member') throw invalid('exempt', 'no-member');
    }
  }

  return {
    load,
    get,

    async list(caller) {
      requireAccess(caller, 'sign-in:read');
      const { organisation } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const found: Connection[] = [];
        for (const row of await listConnections(tx, organisation))
          found.push(await open(tx, organisation, row));
        return found;
      });
    },

    async create(caller, { kind, name }) {
      requireAccess(caller, 'sign-in:write');
      const { organisation } = caller;
      const id = newId(clock);
      const settings = kind === 'oidc' ? newOidc() : newSaml(await samlKeyPair(clock.now()));
      const at = clock.now();
      const row = {
        ...{ id, kind, name, live: false },
        settings: await sealSettings(vault, organisation, id, settings),
        rules: firstRules(kind),
        created_by: caller.actor,
        created_at: at,
      };
      const ceiling = await database.tenant([organisation], 'app', async (tx) => {
        const most = ceilingOf({ permissions: await access.provided.lasting(tx, caller) });
        await insertConnection(tx, organisation, { ...row, ceiling: most });
        const subjects = [{ kind: 'sso-connection', id }];
        await audit.append(tx, doneBy(caller, 'sso-connection.created', { subjects, details: { kind } }));
        return most;
      });
      return { organisation, row: { ...row, ceiling, changed_at: at }, settings, domains: [] };
    },

    async change(caller, id, wanted) {
      requireAccess(caller, 'sign-in:write');
      const { organisation } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const found = await readConnection(tx, organisation, id);
        if (found === undefined) throw new Refusal('not-found');
        const before = await open(tx, organisation, found);
        const settings = withProvider(before.settings, wanted.provider);
        await requireFit(tx, caller, before, wanted, settings);
        const decisive = changesWhoIsWho(before, wanted, settings);
        const row: ConnectionRow = {
          ...found,
          name: wanted.name,
          live: wanted.live,
          settings: await sealSettings(vault, organisation, id, settings),
          rules: wanted.rules,
          ceiling: decisive
            ? ceilingOf({ permissions: await access.provided.lasting(tx, caller) })
            : found.ceiling,
          changed_at: clock.now(),
        };
        await updateConnection(tx, organisation, row);
        await putSignOnDomains(tx, organisation, id, wanted);
        const unlinked = namesOthers(before.settings, settings) ? await deleteLinks(tx, organisation, id) : 0;
        const subjects = [{ kind: 'sso-connection', id }];
        const details = {
          unlinked,
          ...{ live: wanted.live, enforced: wanted.enforced, jit: wanted.rules.jit },
          ...{ domains: wanted.domains.length, roles: rolesOf(wanted.rules).length, ceilingSet: decisive },
        };
        await audit.append(tx, doneBy(caller, 'sso-connection.changed', { subjects, details }));
        return open(tx, organisation, row);
      });
    },

    async remove(caller, id) {
      requireAccess(caller, 'sign-in:write');
      const { organisation } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await removeConnection(tx, organisation, id, clock.now()))) throw new Refusal('not-found');
        await putSignOnDomains(tx, organisation, id, { domains: [], enforced: false, exempt: [] });
        await deleteLinks(tx, organisation, id);
        await access.provided.endSource(tx, organisation, sourceOf(id));
        const reason = 'connection-removed';
        for (const { session, identity } of await allSessionsOf(tx, organisation, id)) {
          const who = { identity, organisation, sessions: [session], reason };
          await access.sessions.endThese(tx, who, caller.actor, caller);
        }
        const subjects = [{ kind: 'sso-connection', id }];
        await audit.append(tx, doneBy(caller, 'sso-connection.removed', { subjects }));
      });
    },
  };
}

/**
 * Whether subjects may mean other people now: a subject is unique at its issuer alone (OpenID Connect Core, section 2), and may be
 * made for one client (section 8). A provider that is taken out is one that another may stand in for next.
 */
function namesOthers(before: Settings, after: Settings): boolean {
  const of = ({ provider }: Settings) =>
    provider === null
      ? null
      : 'issuer' in provider
        ? [provider.issuer, provider.clientId]
        : [provider.entityId];
  const was = of(before);
  return was !== null && JSON.stringify(was) !== JSON.stringify(of(after));
}

function lacksSecret({ provider }: Extract<Settings, { kind: 'oidc' }>): boolean {
  return provider?.method === 'client_secret_basic' && provider.secret === null;
}

function withProvider(before: Settings, wanted: ConnectionChange['provider']): Settings {
  if (wanted === null) return { ...before, provider: null };
  if (before.kind !== wanted.kind) throw invalid('provider.kind', 'other-kind');
  const { kind: _kind, ...provider } = wanted;
  if (before.kind === 'saml' && wanted.kind === 'saml') return { ...before, provider: samlOf(wanted) };
  if (before.kind === 'oidc' && wanted.kind === 'oidc') {
    return { ...before, provider: keepSecret(before.provider, provider as OidcProvider) };
  }
  throw invalid('provider.kind', 'other-kind');
}

function samlOf({ entityId, signInUrl, signOutUrl, certificates }: SamlProvider): SamlProvider {
  return { entityId, signInUrl, signOutUrl, certificates };
}

/** Whether a change decides who somebody is, or what they may do. */
function changesWhoIsWho(before: Connection, wanted: ConnectionChange, settings: Settings): boolean {
  const of = (provider: unknown, rules: Rules, domains: readonly string[]) =>
    JSON.stringify([provider, rules, [...domains].sort()]);
  const was = of(
    before.settings.provider,
    before.row.rules,
    before.domains.map(({ domain }) => domain),
  );
  return was !== of(settings.provider, wanted.rules, wanted.domains);
}
