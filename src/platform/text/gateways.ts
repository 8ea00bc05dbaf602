import type { Actor } from '#core/actor';
import { INSTALLATION, type OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import type { Clock } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { deleteGateway, type GatewayRow, putGateway, readGateways } from './gateway.store.ts';
import type { TextGateway } from './gateway.ts';
import { type GatewayFetch, httpGateway } from './http-gateway.ts';

/** A gateway as it was set up; its secret is never shown. */
export interface ShownGateway {
  readonly baseUrl: string;
  readonly account: string;
  readonly sender: string;
  readonly perDay: number;
  readonly changedBy: Actor;
  readonly changedAt: Date;
}

export interface NewGateway {
  readonly baseUrl: string;
  readonly account: string;
  /** Null keeps the one on record. */
  readonly token: string | null;
  readonly sender: string;
  readonly perDay: number;
}

/** Where texts are handed over: an organisation's own gateway, else that of the installation (organisation nil). */
export interface Gateways {
  /** For sending; kept for some seconds. */
  inForce(organisation: OrganisationId): Promise<TextGateway | null>;
  read(tx: Transaction, organisation: OrganisationId): Promise<ShownGateway | null>;
  /**
   * Sets it up in the caller's transaction. `token-needed`: nothing was written, because a secret on record goes to no other
   * address and account than those that it was given for.
   */
  set(
    tx: Transaction,
    organisation: OrganisationId,
    wanted: NewGateway,
    by: Actor,
  ): Promise<'set' | 'token-needed'>;
  remove(tx: Transaction, organisation: OrganisationId): Promise<boolean>;
}

const KEPT_MS = 5_000;

const binding = (organisation: OrganisationId) => ({
  organisation,
  field: 'text-gateway.token',
  row: organisation,
});

export function createGateways(ports: {
  readonly database: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly fetch: GatewayFetch;
}): Gateways {
  const { database, vault, clock } = ports;
  const kept = new Map<
    OrganisationId,
    { readonly gateway: Promise<TextGateway | null>; readonly until: number }
  >();
  const load = async (organisation: OrganisationId): Promise<TextGateway | null> => {
    const both = [organisation, INSTALLATION];
    const rows = await database.tenant(both, 'worker', (tx) => readGateways(tx, both));
    const row =
      rows.find((one) => one.organisation === organisation) ??
      rows.find((one) => one.organisation === INSTALLATION);
    if (row === undefined) return null;
    const token = await vault.openValue(binding(row.organisation), row.token);
    return httpGateway({ ...shown(row), token: token.toString('utf8') }, ports.fetch);
  };
  const find = async (tx: Transaction, organisation: OrganisationId) =>
    (await readGateways(tx, [organisation]))[0] ?? null;
  return {
    inForce(organisation) {
      const now = clock.monotonic();
      const found = kept.get(organisation);
      if (found && found.until > now) return found.gateway;
      const gateway = load(organisation);
      kept.set(organisation, { gateway, until: now + KEPT_MS });
      // A fault is not kept: the next one who asks tries again.
      gateway.catch(() => kept.delete(organisation));
      return gateway;
    },
    async read(tx, organisation) {
      const row = await find(tx, organisation);
      return row === null ? null : shown(row);
    },
    async set(tx, organisation, wanted, by) {
      const before = await find(tx, organisation);
      const { baseUrl, account, sender, perDay } = wanted;
      const same = before !== null && before.base_url === baseUrl && before.account === account;
      if (wanted.token === null && !same) return 'token-needed';
      const token =
        wanted.token === null && before !== null
          ? before.token
          : await vault.sealValue('configuration', binding(organisation), wanted.token ?? '');
      await putGateway(tx, {
        ...{ organisation, base_url: baseUrl, account, token, sender, per_day: perDay },
        changed_by: by,
        changed_at: clock.now(),
      });
      // What others' processes keep goes within seconds.
      tx.afterCommit(() => (organisation === INSTALLATION ? kept.clear() : kept.delete(organisation)));
      return 'set';
    },
    async remove(tx, organisation) {
      const gone = await deleteGateway(tx, organisation);
      tx.afterCommit(() => (organisation === INSTALLATION ? kept.clear() : kept.delete(organisation)));
      return gone;
    },
  };
}

function shown(row: GatewayRow): ShownGateway {
  return {
    baseUrl: row.base_url,
    account: row.account,
    sender: row.sender,
    perDay: row.per_day,
    changedBy: row.changed_by,
    changedAt: row.changed_at,
  };
}
