import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry } from '#core/audit-entry';
import type { AuditEntryId } from '#core/ids';
import type { Notice } from '#core/notice';
import type { AccessPorts } from '#platform/access';
import { type Clock, newId } from '#platform/runtime';
import { createKeyFile, createVault } from '#platform/vault';
import { freshDatabase } from './database.ts';

/** A clock that tests move by hand. */
export interface HandClock extends Clock {
  advance(seconds: number): void;
}

export function handClock(start = new Date()): HandClock {
  let ahead = 0;
  return {
    now: () => new Date(start.getTime() + ahead * 1000),
    monotonic: () => ahead * 1000,
    advance(seconds) {
      ahead += seconds;
    },
  };
}

/** A database, a vault and an audit that remembers entries and can be told to fail. */
export async function accessForTest() {
  const fresh = await freshDatabase();
  const home = mkdtempSync(join(tmpdir(), 'sealpost-access-'));
  const clock = handClock();
  const rootKey = createKeyFile({ path: join(home, 'root.key'), dataDirectory: join(home, 'data'), clock });
  const vault = await createVault({ keysDirectory: join(home, 'keys'), rootKey, clock });
  const entries: AuditEntry[] = [];
  const audit = {
    fails: false,
    append(_tx: unknown, entry: AuditEntry): Promise<AuditEntryId> {
      if (audit.fails) return Promise.reject(new Error('the audit cannot be written'));
      entries.push(entry);
      return Promise.resolve(newId() as AuditEntryId);
    },
  };
  const notices: Notice[] = [];
  const revoked = new Set<string>();
  /** Codes that were texted; `silent`: no text can go. */
  const phone = { silent: false, texts: [] as Parameters<AccessPorts['sendText']>[1][] };
  const ports: AccessPorts = {
    sendText(_tx, text) {
      if (!phone.silent) phone.texts.push(text);
      return Promise.resolve(!phone.silent);
    },
    clientCertificates: { judge: ({ fingerprint }) => (revoked.has(fingerprint) ? 'revoked' : 'stands') },
    ...{ database: fresh.database, vault, audit, clock, breached: null, placeOf: null },
    sendNotice(_tx, notice) {
      notices.push(notice);
      return Promise.resolve();
    },
  };
  return {
    ...fresh,
    ports,
    clock,
    audit,
    entries,
    notices,
    phone,
    /** Fingerprints of client certificates that were taken back. */
    revoked,
    async close() {
      vault.close();
      await fresh.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
