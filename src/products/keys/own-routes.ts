import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { defineRoute, idParams, type Route } from '#platform/http';
import type { OwnKeys, OwnKeyView } from '#platform/keyring';

export interface OwnKeyRoutePorts {
  readonly ownKeys: Pick<OwnKeys, 'current' | 'list' | 'rotate' | 'revoke' | 'revocationCertificate'>;
}

const tags = ['keys'];
const READ = { permission: 'recipient-keys:read' } as const;
const WRITE = { permission: 'recipient-keys:write' } as const;
const time = z.iso.datetime();
const reason = z.enum(['compromised', 'superseded', 'retired']);
const PATH = '/v1/openpgp-key';

const fields = {
  id: z.string(),
  fingerprint: z.string(),
  address: z.string(),
  createdAt: time,
  expiresAt: time.nullable().describe('Put off by itself half a year before; null until the first time'),
  publicKey: z.string().describe('Armoured, to hand out; of a revoked key with its revocation'),
};

const earlierSchema = z
  .strictObject({
    ...fields,
    state: z.enum(['retired', 'revoked']),
    retiredAt: time.nullable(),
    publishedUntil: time
      .nullable()
      .describe('The Web Key Directory serves it beside the current one until then'),
    revokedAt: time.nullable(),
    revocationReason: reason.nullable(),
  })
  .meta({ id: 'EarlierOrganisationKey' });

const ownSchema = z
  .strictObject({
    ...fields,
    extensionFailedAt: time
      .nullable()
      .describe(
        'Since when its end could not be put off; the reason is in the log of the worker. Null: all is well',
      ),
    earlier: z
      .array(earlierSchema)
      .describe('Keys before it, newest first. They sign no more, and still open what was encrypted to them'),
  })
  .meta({ id: 'OrganisationKey' });

/** The organisation's own OpenPGP key. Its secret part has no way out: there is no route for it. */
export function ownKeyRoutes(ports: OwnKeyRoutePorts): Route[] {
  return [read(ports), rotate(ports), revoke(ports), revocation(ports)];
}

const iso = (date: Date | null) => date?.toISOString() ?? null;

function common(key: OwnKeyView) {
  return {
    id: key.id,
    fingerprint: key.fingerprint,
    address: key.address,
    createdAt: key.createdAt.toISOString(),
    expiresAt: iso(key.expires_at),
    publicKey: key.armoured,
  };
}

async function view({ ownKeys }: OwnKeyRoutePorts, caller: Caller): Promise<z.output<typeof ownSchema>> {
  // Makes it where there is none.
  if ((await ownKeys.current(caller.organisation)) === null) throw new Refusal('not-found');
  const [current, ...earlier] = await ownKeys.list(caller.organisation);
  if (current === undefined) throw new Refusal('not-found');
  return {
    ...common(current),
    extensionFailedAt: iso(current.extension_failed_at),
    earlier: earlier.map((key) => ({
      ...common(key),
      state: key.state === 'revoked' ? 'revoked' : 'retired',
      retiredAt: iso(key.retired_at),
      publishedUntil: iso(key.published_until),
      revokedAt: iso(key.revoked_at),
      revocationReason: key.revocation_reason,
    })),
  };
}

function read(ports: OwnKeyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: PATH,
    summary: 'The organisation’s own public key, and those before it',
    description: 'It signs every message that leaves by OpenPGP.',
    tags,
    access: READ,
    responses: { 200: ownSchema },
    errors: ['not-found'],
  }).handle(async ({ caller }) => ({ status: 200, body: await view(ports, caller) }));
}

function rotate(ports: OwnKeyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: `${PATH}/rotate`,
    summary: 'Sign with a new key from now on',
    description:
      'The key before certifies the new one, is published beside it for 90 days, and goes on opening what was encrypted to it.',
    tags,
    access: WRITE,
    stepUp: true,
    body: z.strictObject({
      replaces: z
        .string()
        .regex(/^[0-9a-f]{40,64}$/)
        .describe('Fingerprint of the key that signs now, so that two who rotate at once make one new key'),
    }),
    responses: { 200: ownSchema },
    errors: ['not-found', 'wrong-state'],
  }).handle(async ({ caller, body }) => {
    await ports.ownKeys.rotate(caller, body.replaces);
    return { status: 200, body: await view(ports, caller) };
  });
}

function revoke(ports: OwnKeyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: `${PATH}/:id/revoke`,
    summary: 'Tell the world that a key of the organisation is not to be used',
    description:
      'Cannot be undone. The key that signs is replaced in the same moment. The revocation is published.',
    tags,
    access: WRITE,
    stepUp: true,
    params: idParams,
    body: z.strictObject({ reason }),
    responses: { 200: ownSchema },
    errors: ['not-found', 'wrong-state'],
  }).handle(async ({ caller, params, body }) => {
    await ports.ownKeys.revoke(caller, params.id, body.reason);
    return { status: 200, body: await view(ports, caller) };
  });
}

function revocation(ports: OwnKeyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: `${PATH}/:id/revocation-certificate`,
    summary: 'A revocation certificate, to keep for the day on which the key is lost',
    description:
      'Revokes nothing by itself. Whoever has it can have the key revoked everywhere: keep it locked away.',
    tags,
    access: WRITE,
    stepUp: true,
    params: idParams,
    responses: { 200: z.strictObject({ certificate: z.string().describe('Armoured') }) },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => ({
    status: 200,
    body: { certificate: await ports.ownKeys.revocationCertificate(caller, params.id) },
  }));
}
