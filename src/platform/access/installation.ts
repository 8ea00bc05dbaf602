import { createHash } from 'node:crypto';
import { Refusal } from '#core/errors';
import type { Database, Transaction } from '#platform/database';
import { type Clock, constantTimeEqual, newId, randomToken } from '#platform/runtime';
import {
  ensureInstallationRow,
  finishSetupRow,
  type InstallationRow,
  readInstallationRow,
  readSetupToken,
  storeSetupToken,
  updateInstallationRow,
} from './installation.store.ts';

export interface Installation {
  readonly id: string;
  readonly mode: 'sandbox' | 'live';
  readonly consoleUrl: string | null;
  readonly portalUrl: string | null;
  readonly setUpAt: Date | null;
}

const SETUP_TOKEN_MS = 24 * 60 * 60 * 1000;
const KEPT_MS = 2_000;

/** SHA-256 of a random token of 256 bit: nothing to guess, so no key and no stretching is needed. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export interface InstallationDoor {
  /** Makes the installation's row at the first start. */
  ensure(): Promise<Installation>;
  /** The installation as it stands; kept for two seconds in this process. */
  current(): Promise<Installation>;
  /** A new one-time token for the first administrator, good for a day; the one before is void. Null once set up. */
  issueSetupToken(): Promise<string | null>;
  /** Whether the token is the valid one. */
  setupTokenMatches(token: string): Promise<boolean>;
  /** Ends set-up in this transaction. Refusal `wrong-state` when it has ended already. */
  finishSetup(tx: Transaction, urls: { consoleUrl: string | null; portalUrl: string | null }): Promise<void>;
  /** Changes mode and addresses; null leaves as it is. */
  change(
    tx: Transaction,
    change: { mode: 'live' | null; consoleUrl: string | null; portalUrl: string | null },
  ): Promise<Installation>;
}

export function createInstallationDoor(database: Database, clock: Clock): InstallationDoor {
  let kept: { readonly value: Installation; readonly until: number } | undefined;
  const keep = (value: Installation): Installation => {
    kept = { value, until: clock.monotonic() + KEPT_MS };
    return value;
  };
  const forget = (): void => {
    kept = undefined;
  };
  const ensure = async (): Promise<Installation> =>
    keep(fromRow(await database.system('app', (tx) => ensureInstallationRow(tx, newId(clock)))));
  return {
    ensure,
    async current() {
      if (kept !== undefined && kept.until > clock.monotonic()) return kept.value;
      const row = await database.system('app', readInstallationRow);
      return row === undefined ? ensure() : keep(fromRow(row));
    },
    async issueSetupToken() {
      await ensure();
      const token = randomToken();
      const expiresAt = new Date(clock.now().getTime() + SETUP_TOKEN_MS);
      const stored = await database.system('app', (tx) => storeSetupToken(tx, tokenHash(token), expiresAt));
      return stored ? token : null;
    },
    async setupTokenMatches(token) {
      const row = await database.system('app', readSetupToken);
      return (
        row !== undefined && row.expiresAt > clock.now() && constantTimeEqual(row.hash, tokenHash(token))
      );
    },
    async finishSetup(tx, urls) {
      if (!(await finishSetupRow(tx, clock.now(), urls))) throw new Refusal('wrong-state', { state: 'done' });
      tx.afterCommit(forget);
    },
    async change(tx, change) {
      const row = await updateInstallationRow(tx, change);
      tx.afterCommit(forget);
      return fromRow(row);
    },
  };
}

function fromRow(row: InstallationRow): Installation {
  return {
    id: row.id,
    mode: row.mode,
    consoleUrl: row.console_url,
    portalUrl: row.portal_url,
    setUpAt: row.set_up_at,
  };
}
