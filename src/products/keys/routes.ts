import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import {
  actorViewSchema,
  defineRoute,
  empty,
  idParams,
  pageById,
  pageOf,
  pageQuery,
  type Route,
} from '#platform/http';
import type { JudgedKey, OwnPgpKey, RecipientKeys } from '#platform/keyring';
import { parseAddress } from '#platform/mail';
import { directoryRoutes } from './directory-routes.ts';

export interface KeyRoutePorts {
  readonly keys: RecipientKeys;
  ownKey(organisation: OrganisationId): Promise<OwnPgpKey | null>;
  published(domain: string): Promise<OwnPgpKey | null>;
  /** Who did it, with a name to show. */
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
}

const tags = ['keys'];
const READ = { permission: 'recipient-keys:read' } as const;
const WRITE = { permission: 'recipient-keys:write' } as const;
const time = z.iso.datetime();

const keySchema = z
  .strictObject({
    id: z.string(),
    address: z.string(),
    fingerprint: z.string(),
    algorithm: z.string(),
    state: z.enum(['trusted', 'pending', 'replaced', 'rejected', 'revoked']),
    source: z.enum(['console', 'portal', 'wkd', 'hkps', 'autocrypt']),
    usable: z.boolean().describe('Whether mail can be encrypted to it now, as far as the key itself goes'),
    problem: z
      .enum(['expired', 'revoked', 'weak', 'no-encryption-subkey', 'not-self-signed'])
      .nullable()
      .describe('Why not'),
    expiresAt: time.nullable(),
    keyCreatedAt: time,
    addedAt: time,
    vouchedBy: actorViewSchema.nullable().describe('Null for a key that was taken at its first use'),
    vouchedAt: time.nullable(),
  })
  .meta({ id: 'RecipientKey' });

const ownSchema = z
  .strictObject({
    fingerprint: z.string(),
    address: z.string(),
    createdAt: time,
    publicKey: z.string().describe('Armoured, to hand out'),
  })
  .meta({ id: 'OrganisationKey' });

/** OpenPGP keys: of recipients, our own, and its publication. */
export function keyRoutes(ports: KeyRoutePorts): Route[] {
  return [
    list(ports),
    add(ports),
    act(ports, 'confirm', 'Trust a waiting key in place of the one before it', (caller, id) =>
      ports.keys.confirm(caller, id),
    ),
    act(ports, 'reject', 'Turn a waiting key down; it is not taken again', (caller, id) =>
      ports.keys.reject(caller, id),
    ),
    act(ports, 'revoke', 'Never use this trusted key again', (caller, id) => ports.keys.revoke(caller, id)),
    remove(ports),
    own(ports),
    ...directoryRoutes(ports),
  ];
}

async function view(
  ports: KeyRoutePorts,
  caller: Caller,
  one: JudgedKey,
): Promise<z.output<typeof keySchema>> {
  const { key, verdict } = one;
  return {
    id: one.id,
    address: one.address,
    fingerprint: key.fingerprint,
    algorithm: key.algorithm,
    state: one.state,
    source: one.source,
    usable: verdict.kind === 'usable',
    problem: verdict.kind === 'usable' ? null : verdict.reason,
    expiresAt: verdict.kind === 'usable' ? (verdict.expiresAt?.toISOString() ?? null) : null,
    keyCreatedAt: key.createdAt.toISOString(),
    addedAt: one.created_at.toISOString(),
    vouchedBy: one.vouched_by === null ? null : await ports.labelActor(caller, one.vouched_by),
    vouchedAt: one.vouched_at?.toISOString() ?? null,
  };
}

function list(ports: KeyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/openpgp-keys',
    summary: 'Keys of recipients, newest first',
    description: 'Each look is on record: a key names a person that the organisation writes to.',
    tags,
    access: READ,
    query: z.strictObject(pageQuery),
    responses: { 200: pageOf(keySchema) },
  }).handle(async ({ caller, query }) => {
    const page = await pageById(
      query,
      (position, limit) => ports.keys.list(caller, position, limit),
      (one) => view(ports, caller, one),
    );
    return { status: 200, body: page };
  });
}

function add(ports: KeyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/openpgp-keys',
    summary: 'Vouch for a recipient’s public key',
    description:
      'The key must name the address in a user id of its own. A trusted key of that address gives way, and what waited is answered.',
    tags,
    access: WRITE,
    body: z.strictObject({
      address: z.string().min(3).max(320),
      key: z.string().min(1).max(200_000).describe('One armoured public key'),
    }),
    responses: { 201: keySchema },
    errors: ['invalid', 'invalid-address'],
  }).handle(async ({ caller, body }) => {
    const address = parseAddress(body.address.trim());
    if (!address) throw new Refusal('invalid-address', { path: 'address' });
    const kept = await ports.keys.put(caller, address, body.key);
    return { status: 201, body: await view(ports, caller, kept) };
  });
}

function act(
  ports: KeyRoutePorts,
  verb: 'confirm' | 'reject' | 'revoke',
  summary: string,
  work: (caller: Caller, id: string) => Promise<JudgedKey>,
): Route {
  return defineRoute({
    method: 'POST',
    path: `/v1/openpgp-keys/:id/${verb}`,
    summary,
    tags,
    access: WRITE,
    params: idParams,
    responses: { 200: keySchema },
    errors: ['not-found', 'wrong-state'],
  }).handle(async ({ caller, params }) => ({
    status: 200,
    body: await view(ports, caller, await work(caller, params.id)),
  }));
}

function remove(ports: KeyRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/openpgp-keys/:id',
    summary: 'Forget a key, as if it had never been known',
    tags,
    access: WRITE,
    params: idParams,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    await ports.keys.remove(caller, params.id);
    return { status: 204 };
  });
}

function own(ports: KeyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/openpgp-key',
    summary: 'The organisation’s own public key',
    description: 'It signs every message that leaves by OpenPGP. Made when it is first needed or asked for.',
    tags,
    access: READ,
    responses: { 200: ownSchema },
    errors: ['not-found'],
  }).handle(async ({ caller }) => {
    const key = await ports.ownKey(caller.organisation);
    if (key === null) throw new Refusal('not-found');
    return {
      status: 200,
      body: {
        fingerprint: key.fingerprint,
        address: key.address,
        createdAt: key.createdAt.toISOString(),
        publicKey: key.armoured,
      },
    };
  });
}
