import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Transaction } from '#platform/database';
import type { Vouched } from '#platform/federation';
import { newId } from '#platform/runtime';
import type { Connection } from './connections.ts';
import type { SignOnNeeds } from './ports.ts';
import { findAttempt, insertAttempt } from './road.store.ts';

/** `ticket`: a SAML answer was believed, and its browser comes for it. */
export type Purpose = 'sign-in' | 'try' | 'ticket';

const ATTEMPT_MS = 10 * 60_000;
const TICKET_MS = 2 * 60_000;

const vouchedSchema = z.strictObject({
  subject: z.string(),
  issuer: z.string(),
  claims: z.array(z.tuple([z.string(), z.array(z.string())])),
  sid: z.string().nullable(),
  methods: z.array(z.string()),
  hint: z.string().nullable(),
});

const stateSchema = z.strictObject({
  /** The state of the connection that it began with: a change in between ends it. */
  version: z.string(),
  returnTo: z.string(),
  fresh: z.boolean(),
  /** Of a ticket: what the attempt was for. */
  for: z.enum(['sign-in', 'try']),
  /** Of a try: the row that shows its result. Null: the attempt itself. */
  shownBy: z.string().nullable(),
  pending: z
    .strictObject({
      state: z.string(),
      nonce: z.string(),
      verifier: z.string(),
      maxAge: z.number().nullable(),
    })
    .nullable(),
  vouched: vouchedSchema.nullable(),
});
export type AttemptState = z.output<typeof stateSchema>;

export interface OpenAttempt {
  readonly id: string;
  readonly purpose: string;
  readonly browser: Buffer;
  readonly state: AttemptState;
}

type AttemptPorts = Pick<SignOnNeeds, 'vault' | 'clock'>;

export const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
export const sameHash = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
export const versionOf = ({ row }: { readonly row: Pick<Connection['row'], 'changed_at'> }): string =>
  row.changed_at.toISOString();

const binding = ({ organisation }: Connection, field: 'state' | 'result', row: string) => ({
  organisation,
  field: `sso-attempt.${field}`,
  row,
});

/** Keeps what must be known when the browser comes back. */
export async function keepAttempt(
  { vault, clock }: AttemptPorts,
  tx: Transaction,
  connection: Connection,
  wish: {
    readonly purpose: Purpose;
    readonly lookup: string;
    readonly browserHash: Buffer;
    readonly state: AttemptState;
  },
): Promise<string> {
  const id = newId(clock);
  const lasts = wish.purpose === 'ticket' ? TICKET_MS : ATTEMPT_MS;
  await insertAttempt(tx, {
    id,
    organisation: connection.organisation,
    connection: connection.row.id,
    purpose: wish.purpose,
    lookup_hash: hashOf(wish.lookup),
    browser_hash: wish.browserHash,
    state: await vault.sealValue('identity', binding(connection, 'state', id), JSON.stringify(wish.state)),
    expires_at: new Date(clock.now().getTime() + lasts),
  });
  return id;
}

/** The attempt that a provider's answer names; undefined when it is unknown, over, used, or of another connection. */
export async function openAttempt(
  { vault, clock }: AttemptPorts,
  tx: Transaction,
  connection: Connection,
  lookup: string,
): Promise<OpenAttempt | undefined> {
  const row = await findAttempt(tx, connection.row.id, hashOf(lookup), clock.now());
  if (row === undefined) return undefined;
  const opened = await vault.openValue(binding(connection, 'state', row.id), row.state);
  const state = stateSchema.parse(JSON.parse(opened.toString('utf8')));
  return { id: row.id, purpose: row.purpose, browser: row.browser_hash, state };
}

export function sealResult(
  { vault }: AttemptPorts,
  connection: Connection,
  id: string,
  result: TryResult,
): Promise<Buffer> {
  return vault.sealValue('identity', binding(connection, 'result', id), JSON.stringify(result));
}

const resultSchema = z.strictObject({
  outcome: z.enum(['let-in', 'refused']),
  reason: z.string().nullable(),
  subject: z.string().nullable(),
  claims: z.array(z.tuple([z.string(), z.array(z.string())])),
  methods: z.array(z.string()),
  roles: z.array(z.string()),
  groups: z.array(z.string()),
});
/** What a try showed: what the provider said, and what would come of it. */
export type TryResult = z.output<typeof resultSchema>;

export async function openResult(
  { vault }: AttemptPorts,
  connection: Connection,
  id: string,
  sealed: Buffer,
): Promise<TryResult> {
  const opened = await vault.openValue(binding(connection, 'result', id), sealed);
  return resultSchema.parse(JSON.parse(opened.toString('utf8')));
}

/** Vouched as it is kept between two requests. */
export function packVouched({ once: _once, claims, ...rest }: Vouched): NonNullable<AttemptState['vouched']> {
  return {
    ...rest,
    claims: [...claims].map(([name, values]): [string, string[]] => [name, [...values]]),
    methods: [...rest.methods],
  };
}

export function unpackVouched(kept: NonNullable<AttemptState['vouched']>): Vouched {
  return { ...kept, claims: new Map(kept.claims), once: null };
}
