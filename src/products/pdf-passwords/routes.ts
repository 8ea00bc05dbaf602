import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
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
import type { PdfPasswords, ShownPdfPassword } from './pdf-passwords.ts';

export interface PdfPasswordRoutePorts {
  readonly passwords: PdfPasswords;
  /** Who did it, with a name to show. */
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
}

const TAGS = ['policy'];

const entry = {
  id: z.uuid(),
  address: z.string(),
  changedAt: z.iso.datetime(),
  changedBy: actorViewSchema,
};

const shownSchema = z.strictObject(entry).meta({ id: 'PdfPassword' });
const setSchema = z
  .strictObject({
    ...entry,
    password: z
      .string()
      .nullable()
      .meta({ description: 'The password that was made, this once; null where it was given' }),
  })
  .meta({ id: 'PdfPasswordSet' });

/** Passwords agreed with recipients for the protected PDF. Addresses travel in bodies, never in URLs. */
export function pdfPasswordRoutes(ports: PdfPasswordRoutePorts): Route[] {
  return [list(ports), set(ports), remove(ports)];
}

async function view(ports: PdfPasswordRoutePorts, caller: Caller, { row, address }: ShownPdfPassword) {
  return {
    id: row.id,
    address,
    changedAt: row.changed_at.toISOString(),
    changedBy: await ports.labelActor(caller, row.changed_by),
  };
}

function list(ports: PdfPasswordRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/pdf-passwords',
    summary: 'Recipients with an agreed password for the protected PDF, newest first',
    description: 'Passwords themselves are never shown.',
    tags: TAGS,
    access: { permission: 'policies:read' },
    query: z.strictObject(pageQuery),
    responses: { 200: pageOf(shownSchema) },
  }).handle(async ({ caller, query }) => {
    const page = await pageById(
      query,
      (position, limit) => ports.passwords.list(caller, position, limit),
      (one) => view(ports, caller, one),
    );
    return { status: 200, body: page };
  });
}

function set(ports: PdfPasswordRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/pdf-passwords',
    summary: 'Set the password of a recipient for the protected PDF',
    description:
      'Without a password one is made and returned this once. Give it to the recipient outside of mail: in person, by telephone, by letter. At least 15 characters of printable ASCII, nothing common, nothing of the address.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    body: z.strictObject({
      address: z.string().min(3).max(320),
      password: z.string().min(1).max(200).optional(),
    }),
    responses: { 200: setSchema },
    errors: ['invalid-address', 'invalid'],
  }).handle(async ({ caller, body }) => {
    const done = await ports.passwords.set(caller, body.address, body.password ?? null);
    return { status: 200, body: { ...(await view(ports, caller, done)), password: done.made } };
  });
}

function remove(ports: PdfPasswordRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/pdf-passwords/:id',
    summary: 'Forget the password of a recipient',
    tags: TAGS,
    access: { permission: 'policies:write' },
    params: idParams,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    await ports.passwords.remove(caller, params.id);
    return { status: 204 };
  });
}
