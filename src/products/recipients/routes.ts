import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { isUuid } from '#core/ids';
import {
  decodeCursor,
  defineRoute,
  empty,
  idParams,
  pageFrom,
  pageOf,
  pageQuery,
  type Route,
} from '#platform/http';
import { type PaperLetters, paperLetterRoutes } from './paper-letter-routes.ts';
import type { Recipients, ShownRecord } from './recipients.ts';
import {
  changeSchema,
  givenRecord,
  newSchema,
  recipientSchema,
  recipientView,
  searchSchema,
} from './schemas.ts';

export interface RecipientRoutePorts {
  readonly recipients: Recipients;
  readonly letters: PaperLetters;
  /** Who did it, with a name to show. */
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
}

const TAGS = ['recipients'];
const READ = { permission: 'recipients:read' } as const;
const MANAGE = { permission: 'recipients:manage' } as const;
const ifMatch = z.strictObject({ 'if-match': z.string().regex(/^"\d{1,9}"$/) });
const versionIn = (headers: z.output<typeof ifMatch>) => Number(headers['if-match'].slice(1, -1));

/** What staff keep of recipients. Addresses and numbers travel in bodies, never in URLs. */
export function recipientRoutes(ports: RecipientRoutePorts): Route[] {
  return [...looks(ports), ...changes(ports), ...paperLetterRoutes(ports.letters)];
}

async function answer(ports: RecipientRoutePorts, caller: Caller, record: ShownRecord) {
  const body = recipientView(record, await ports.labelActor(caller, record.changedBy));
  return { body, headers: { etag: `"${record.version}"` } };
}

function looks(ports: RecipientRoutePorts): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/recipients',
      summary: 'Recipients that something is on record of, newest first',
      description: 'Answers to questions are never shown.',
      tags: TAGS,
      access: READ,
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(recipientSchema) },
    }).handle(async ({ caller, query }) => {
      const [position] = decodeCursor(query.cursor) ?? [];
      if (position !== undefined && !isUuid(position)) throw new Refusal('invalid', { path: 'cursor' });
      const rows = await ports.recipients.list(caller, position ?? null, query.limit + 1);
      const items = await Promise.all(rows.map(async (row) => (await answer(ports, caller, row)).body));
      return {
        status: 200,
        body: pageFrom(
          items,
          query.limit,
          (one) => [one.id],
          (one) => one,
        ),
      };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/recipients/search',
      summary: 'The record of one recipient, by exact address',
      tags: TAGS,
      access: READ,
      body: searchSchema,
      responses: { 200: z.strictObject({ recipient: recipientSchema.nullable() }) },
      errors: ['invalid-address'],
    }).handle(async ({ caller, body }) => {
      const found = await ports.recipients.search(caller, body.address);
      return {
        status: 200,
        body: { recipient: found === null ? null : (await answer(ports, caller, found)).body },
      };
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/recipients/:id',
      summary: 'The record of one recipient',
      tags: TAGS,
      access: READ,
      params: idParams,
      responses: { 200: recipientSchema },
      errors: ['not-found'],
    }).handle(async ({ caller, params }) => ({
      status: 200,
      ...(await answer(ports, caller, await ports.recipients.read(caller, params.id))),
    })),
  ];
}

function changes(ports: RecipientRoutePorts): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/recipients',
      summary: 'Put a recipient on record',
      tags: TAGS,
      access: MANAGE,
      body: newSchema,
      responses: { 201: recipientSchema },
      errors: ['invalid-address', 'invalid', 'already-exists'],
    }).handle(async ({ caller, body }) => {
      const { address, ...given } = body;
      const made = await ports.recipients.create(caller, address, givenRecord(given));
      return { status: 201, ...(await answer(ports, caller, made)) };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/recipients/:id',
      summary: 'Replace what is on record of a recipient',
      description:
        'If-Match carries the version that the change starts from; 412 when somebody else was faster.',
      tags: TAGS,
      access: MANAGE,
      params: idParams,
      headers: ifMatch,
      body: changeSchema,
      responses: { 200: recipientSchema },
      errors: ['not-found', 'version-conflict', 'invalid-address', 'invalid'],
    }).handle(async ({ caller, params, headers, body }) => {
      const changed = await ports.recipients.replace(
        caller,
        params.id,
        versionIn(headers),
        givenRecord(body),
      );
      return { status: 200, ...(await answer(ports, caller, changed)) };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/recipients/:id',
      summary: 'Forget what is on record of a recipient',
      description: 'A STOP is kept: it was said of the number.',
      tags: TAGS,
      access: MANAGE,
      params: idParams,
      headers: ifMatch,
      responses: { 204: empty },
      errors: ['not-found', 'version-conflict'],
    }).handle(async ({ caller, params, headers }) => {
      await ports.recipients.remove(caller, params.id, versionIn(headers));
      return { status: 204 };
    }),
  ];
}
