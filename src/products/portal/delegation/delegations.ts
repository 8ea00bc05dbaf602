import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import { requireAccess } from '#platform/access';
import type { Transaction } from '#platform/database';
import { keepSecret, newOidcClient, type OidcClient, type OidcProviderGiven } from '#platform/federation';
import { parseAddress } from '#platform/mail';
import { newId } from '#platform/runtime';
import { addressIndex } from '../address-index.ts';
import type { PortalNeeds } from '../needs.ts';
import {
  addressOfAccount,
  type DelegationMode,
  deleteAccount,
  deleteAccounts,
  endDelegatedSessions,
  endDelegatedSessionsAt,
  insertDelegation,
  removeDelegation,
  setAccount,
  updateDelegation,
} from './delegation.store.ts';
import type { DelegationRules } from './rules.ts';
import { type Delegation, openDelegation, sealClient } from './settings.ts';

/** What staff set: everything that can be changed. */
export interface DelegationChange {
  readonly name: string;
  readonly mode: DelegationMode;
  readonly provider: OidcProviderGiven | null;
  readonly rules: DelegationRules;
}

/** The sign-in of recipients by their organisation's own patient portal, as staff set it up. Every change is on record. */
export interface Delegations {
  get(caller: Caller): Promise<Delegation | null>;
  /**
   * Makes or replaces it. A change that decides who somebody is, or turns it off, ends every session that came by it.
   * Refusal `invalid` with path and reason.
   */
  set(caller: Caller, wanted: DelegationChange): Promise<Delegation>;
  /** Ends every session that came by it at once. Refusal `not-found`. */
  remove(caller: Caller): Promise<void>;
  /**
   * Says whose account is whose address; null forgets one. Sessions at an address that an account stood for and stands for no more
   * end: whose they are was said wrongly, or is so no longer. Refusals: `not-found` without a delegation, `invalid-address`.
   */
  accounts(
    caller: Caller,
    items: readonly { readonly account: string; readonly address: string | null }[],
  ): Promise<{ readonly set: number; readonly forgotten: number }>;
}

const subject = (id: string) => [{ kind: 'portal-delegation', id }];

export function createDelegations(needs: PortalNeeds): Delegations {
  const { database, vault, audit, clock } = needs;
  return {
    async get(caller) {
      requireAccess(caller, 'organisation:read');
      const { organisation } = caller;
      const found = await database.tenant([organisation], 'app', (tx) =>
        openDelegation(vault, tx, organisation),
      );
      return found ?? null;
    },

    async set(caller, wanted) {
      requireAccess(caller, 'organisation:write');
      const { organisation, actor } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const before = await openDelegation(vault, tx, organisation, 'update');
        const client = clientOf(before?.client ?? newOidcClient(), wanted);
        const id = before?.row.id ?? newId(clock);
        const at = clock.now();
        const { name, mode, rules } = wanted;
        const row = {
          ...{ id, name, mode, rules, changed_by: actor, created_at: before?.row.created_at ?? at },
          changed_at: at,
          settings: await sealClient(vault, organisation, id, client),
        };
        if (before === undefined) await insertDelegation(tx, organisation, row);
        else await updateDelegation(tx, organisation, row);
        const next = { organisation, row, client };
        const ends = before !== undefined && decides(before, next);
        const ended = ends ? await endSessions(tx, id, at) : 0;
        const forgets = before !== undefined && namesOthers(before, next);
        const forgottenAccounts = forgets ? await deleteAccounts(tx, organisation) : 0;
        const details = {
          forgottenAccounts,
          ...{ mode, names: rules.names, verified: rules.verified, strong: rules.strong.length },
          ...{ provider: client.provider !== null, endedSessions: ended, loosened: loosenedBy(before, next) },
        };
        const entry = { subjects: subject(id), details };
        await audit.append(tx, doneBy(caller, 'organisation.portal-delegation-set', entry));
        return next;
      });
    },

    async remove(caller) {
      requireAccess(caller, 'organisation:write');
      const { organisation } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        const at = clock.now();
        const before = await openDelegation(vault, tx, organisation, 'update');
        const id = await removeDelegation(tx, organisation, at);
        if (id === undefined) throw new Refusal('not-found');
        const loosened = before?.row.mode === 'only' ? 'not-only' : null;
        const details = { endedSessions: await endSessions(tx, id, at), loosened };
        const entry = { subjects: subject(id), details };
        await audit.append(tx, doneBy(caller, 'organisation.portal-delegation-removed', entry));
      });
    },

    async accounts(caller, items) {
      requireAccess(caller, 'organisation:write');
      const { organisation } = caller;
      const indexed = await Promise.all(
        items.map(async ({ account, address }, index) => ({
          account: await accountIndex(needs, organisation, account),
          address: address === null ? null : await indexOf(needs, organisation, address, index),
        })),
      );
      return database.tenant([organisation], 'app', async (tx) => {
        // Whoever is about to come in waits, and is looked up again.
        const one = await openDelegation(vault, tx, organisation, 'update');
        if (one === undefined) throw new Refusal('not-found');
        const at = clock.now();
        const done = { set: 0, forgotten: 0 };
        const left: Buffer[] = [];
        for (const { account, address } of indexed) {
          const before = await addressOfAccount(tx, organisation, account);
          if (before !== null && address?.equals(before) !== true) left.push(before);
          if (address === null) done.forgotten += await deleteAccount(tx, organisation, account);
          else {
            await setAccount(tx, organisation, account, address, at);
            done.set += 1;
          }
        }
        const delegation = one.row.id;
        const endedSessions =
          left.length === 0 ? 0 : await endDelegatedSessionsAt(tx, { organisation, delegation }, left, at);
        const entry = { subjects: subject(delegation), details: { ...done, endedSessions } };
        await audit.append(tx, doneBy(caller, 'organisation.portal-accounts-set', entry));
        return done;
      });
    },
  };
}

/** Keyed index of an account at the organisation's portal. */
export function accountIndex(
  { vault }: Pick<PortalNeeds, 'vault'>,
  organisation: Caller['organisation'],
  account: string,
): Promise<Buffer> {
  return vault.blindIndex(organisation, 'portal-account/1', account);
}

function indexOf(
  { vault }: PortalNeeds,
  organisation: Caller['organisation'],
  text: string,
  index: number,
): Promise<Buffer> {
  const address = parseAddress(text.trim());
  if (address === null) throw new Refusal('invalid-address', { path: `items.${index}.address` });
  return addressIndex(vault, organisation, address);
}

function clientOf(before: OidcClient, wanted: DelegationChange): OidcClient {
  const provider = wanted.provider === null ? null : keepSecret(before.provider, wanted.provider);
  if (wanted.mode !== 'off') {
    if (provider === null) throw new Refusal('invalid', { path: 'mode', reason: 'needs-provider' });
    if (provider.method === 'client_secret_basic' && provider.secret === null)
      throw new Refusal('invalid', { path: 'provider.secret', reason: 'needs-secret' });
  }
  return { ...before, provider };
}

/** Whether a change decides who somebody is or what they have proved, or lets nobody in any more. */
function decides(before: Delegation, next: Delegation): boolean {
  const of = ({ client, row }: Delegation) =>
    JSON.stringify([
      client.provider?.issuer ?? null,
      client.provider?.clientId ?? null,
      client.provider?.userInfo ?? null,
      row.rules.claim,
      row.rules.names,
      row.rules.verified,
      [...row.rules.strong].sort(),
    ]);
  return next.row.mode === 'off' || of(before) !== of(next);
}

/**
 * Whether an account of before may be somebody else's now: what a claim says means one person at its issuer alone, and a subject may
 * be made for one client (OpenID Connect Core, sections 2 and 8). Accounts may be named before there is a provider.
 */
function namesOthers(before: Delegation, next: Delegation): boolean {
  const of = ({ client: { provider }, row: { rules } }: Delegation) =>
    JSON.stringify([provider?.issuer, rules.claim, rules.claim === 'sub' ? provider?.clientId : null]);
  return before.client.provider !== null && of(before) !== of(next);
}

/**
 * In which respects recipients come in by less than before, for those who watch the log; null where in none. Who the provider
 * is and which of its claims names a recipient count too: whoever chooses them can be anybody.
 */
function loosenedBy(before: Delegation | undefined, { client, row }: Delegation): string | null {
  const was = before?.row.mode ?? 'off';
  const said: string[] = [];
  if (was === 'off' && row.mode !== 'off') said.push('turned-on');
  if (was === 'only' && row.mode !== 'only') said.push('not-only');
  // What is off lets nobody in, whatever it says; turning it on is told above.
  if (before !== undefined && was !== 'off' && row.mode !== 'off') {
    const { rules } = before.row;
    const named = ({ claim, names }: typeof rules) => `${names} ${claim}`;
    if (before.client.provider?.issuer !== client.provider?.issuer) said.push('provider');
    if (named(rules) !== named(row.rules)) said.push('names');
    if (rules.verified && !row.rules.verified) said.push('unverified');
    if (row.rules.strong.some((one) => !rules.strong.includes(one))) said.push('strong');
  }
  return said.join(' ') || null;
}

async function endSessions(tx: Transaction, delegation: string, at: Date): Promise<number> {
  return (await endDelegatedSessions(tx, { delegation, subject: null, sid: null }, at)).length;
}
