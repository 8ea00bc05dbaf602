import { createHash, type Hash } from 'node:crypto';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import { type Clock, constantTimeEqual } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { findAnswer, type IdempotencyRow, insertAnswer } from './idempotency.store.ts';
import type { AnyAnswer } from './response.ts';
import type { IdempotencyHook } from './route.ts';

const LIFETIME_MS = 24 * 60 * 60 * 1000;
const KEY = /^[\x21-\x7e]{1,255}$/;

export interface IdempotencyPorts {
  readonly database: Database;
  readonly vault: Pick<Vault, 'mac' | 'sealValue' | 'openValue'>;
  readonly clock: Clock;
}

/** A twin request committed its answer first; the act of this one has been rolled back. */
class TwinWasFaster extends Error {
  override readonly name = 'TwinWasFaster';
}

/** One request that carries (or not) an Idempotency-Key. */
export interface IdempotentRequest {
  readonly organisation: OrganisationId;
  /** Method and pattern, such as `POST /v1/messages`. */
  readonly route: string;
  readonly key: string;
  /** Everything that makes the request what it is; fed while a body streams, final when the answer is committed. */
  readonly content: ContentHash;
}

/** A running hash of the request's content. */
export interface ContentHash {
  update(chunk: Uint8Array | string): void;
  digest(): Buffer;
}

export function contentHash(): ContentHash {
  const hash: Hash = createHash('sha256');
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.copy().digest() };
}

/**
 * Runs a request at most once per key. The answer is written in the transaction of the act (`hook.commit`), so there is no
 * state between: after a crash either both are there and the repeat gets the stored answer, or neither and the repeat acts.
 * Of twins in flight the second waits at the unique key, rolls back when the first commits, and gets the first's answer.
 * Refusals and faults are not stored: nothing was done, so a repeat may succeed.
 *
 * `drain` reads what is left of a streamed body, so that a repeat can be compared with the first.
 */
export async function runIdempotent(
  ports: IdempotencyPorts,
  request: IdempotentRequest,
  drain: () => Promise<void>,
  act: (hook: IdempotencyHook) => Promise<AnyAnswer>,
): Promise<AnyAnswer> {
  if (!KEY.test(request.key)) throw new Refusal('invalid', { path: 'idempotency-key' });
  const row: IdempotencyRow = {
    organisation: request.organisation,
    route: request.route,
    keyHash: await ports.vault.mac(request.organisation, 'idempotency-key/1', request.key),
  };
  const stored = await replay(ports, request, row, drain);
  if (stored !== undefined) return stored;

  let committed: string | undefined;
  const hook: IdempotencyHook = {
    async commit(tx, status, body) {
      committed = await store(ports, request, row, tx, status, body);
    },
  };
  let answer: AnyAnswer;
  try {
    answer = await act(hook);
  } catch (error) {
    if (!(error instanceof TwinWasFaster)) throw error;
    const twin = await replay(ports, request, row, drain);
    if (twin === undefined) throw new Refusal('unavailable', { retryAfter: 1 });
    return twin;
  }
  if (committed !== answerText(answer.status, answer.body)) {
    throw new Error('an idempotent route returned another answer than it committed');
  }
  return answer;
}

const bodyMac = (ports: IdempotencyPorts, request: IdempotentRequest): Promise<Buffer> =>
  ports.vault.mac(request.organisation, 'idempotency-body/1', request.content.digest());

const binding = (row: IdempotencyRow) => ({
  organisation: row.organisation,
  field: 'idempotency.answer',
  row: `${row.route} ${row.keyHash.toString('hex')}`,
});

const answerText = (status: number, body: unknown): string => JSON.stringify({ status, body });

async function store(
  ports: IdempotencyPorts,
  request: IdempotentRequest,
  row: IdempotencyRow,
  tx: Transaction,
  status: number,
  body: unknown,
): Promise<string> {
  const text = answerText(status, body);
  const answer = await ports.vault.sealValue('record', binding(row), text);
  const now = ports.clock.now();
  const stored = { bodyHash: await bodyMac(ports, request), status, answer };
  const first = await insertAnswer(tx, row, stored, now, new Date(now.getTime() + LIFETIME_MS));
  if (!first) throw new TwinWasFaster('the answer of a twin request stands');
  return text;
}

async function replay(
  ports: IdempotencyPorts,
  request: IdempotentRequest,
  row: IdempotencyRow,
  drain: () => Promise<void>,
): Promise<AnyAnswer | undefined> {
  const found = await ports.database.tenant([row.organisation], 'app', (tx) =>
    findAnswer(tx, row, ports.clock.now()),
  );
  if (found === undefined) return undefined;
  await drain();
  if (!constantTimeEqual(found.bodyHash, await bodyMac(ports, request))) {
    throw new Refusal('idempotency-key-reused');
  }
  const opened: unknown = JSON.parse(
    (await ports.vault.openValue(binding(row), found.answer)).toString('utf8'),
  );
  const body: unknown =
    opened !== null && typeof opened === 'object' ? Reflect.get(opened, 'body') : undefined;
  return { status: found.status, body, headers: { 'idempotency-replayed': 'true' } };
}
