import { expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import type { AuditEntry } from '#core/audit-entry';
import type { AuditEntryId, IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import { refusedActs } from './refused-acts.ts';

const caller: Caller = {
  organisation: 'o' as OrganisationId,
  actor: { kind: 'person', identity: 'i' as IdentityId, session: 's' as SessionId },
  origin: { address: '192.0.2.1', channel: 'console' },
  permissions: new Set(),
  request: 'r',
};

function world() {
  const entries: AuditEntry[] = [];
  let now = 0;
  const tenant = <T>(_ids: readonly string[], _role: string, work: (tx: Transaction) => Promise<T>) =>
    // The recorder only hands the transaction on.
    work({} as Transaction);
  const refused = refusedActs({
    audit: { append: (_tx, entry) => Promise.resolve(void entries.push(entry) as unknown as AuditEntryId) },
    database: { tenant } as unknown as Database,
    clock: { now: () => new Date(now), monotonic: () => now },
  });
  return {
    entries,
    pass: (ms: number) => (now += ms),
    ask: (route: string) => refused({ caller, route, permission: 'audit:read' }),
  };
}

it('a refused act is on record: who, what, and what it needed', async () => {
  const { entries, ask } = world();
  await ask('GET /v1/audit');
  expect(entries).toMatchObject([
    {
      action: 'access.refused',
      result: 'refused',
      details: { route: 'GET /v1/audit', permission: 'audit:read' },
    },
  ]);
});

it('asking again and again floods nothing, and is counted', async () => {
  const { entries, ask, pass } = world();
  for (let at = 0; at < 1000; at += 1) await ask('GET /v1/audit');
  expect(entries).toHaveLength(1);
  pass(61_000);
  await ask('GET /v1/audit');
  expect(entries.map(({ details }) => details.before)).toEqual([0, 999]);
  for (let at = 0; at < 1000; at += 1) await ask(`GET /v1/messages/${at}`);
  expect(entries).toHaveLength(60);
});
