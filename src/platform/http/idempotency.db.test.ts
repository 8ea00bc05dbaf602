import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PERMISSIONS } from '#core/actor';
import { Refusal } from '#core/errors';
import type { ApiKeyId, OrganisationId } from '#core/ids';
import { newId, silentLogger } from '#platform/runtime';
import { accessForTest } from '../../../test/support/access.ts';
import { noSessions } from '../../../test/support/http-server.ts';
import { raw } from './body.ts';
import { sweepAnswers } from './idempotency.store.ts';
import { defineRoute } from './route.ts';
import { createHttpServer, type HttpServer } from './server.ts';

type World = Awaited<ReturnType<typeof accessForTest>>;
const organisations: Readonly<Record<string, OrganisationId>> = {
  sp_one: newId() as OrganisationId,
  sp_two: newId() as OrganisationId,
};
let world: World;
let server: HttpServer;
let acts = 0;
/** What a test wants to happen inside the act. */
let within: (() => Promise<void>) | undefined;

beforeAll(async () => {
  world = await accessForTest();
  const { database } = world.ports;
  const act = defineRoute({
    method: 'POST',
    path: '/v1/acts',
    summary: 'Act',
    tags: [],
    access: { permission: 'messages:send' },
    body: z.strictObject({ text: z.string() }),
    idempotent: true,
    responses: { 202: z.strictObject({ id: z.string() }) },
    errors: ['idempotency-key-reused', 'wrong-state'],
  }).handle(({ caller, idempotency }) =>
    database.tenant([caller.organisation], 'app', async (tx) => {
      const body = { id: newId() };
      // The act itself: any row that must exist exactly once.
      await tx.execute({
        text: 'insert into sealpost.usage_window (organisation, name, window_start) values ($1, $2, now())',
        values: [caller.organisation, body.id],
      });
      await idempotency.commit(tx, 202, body);
      await within?.();
      acts += 1;
      return { status: 202, body };
    }),
  );
  const streamed = defineRoute({
    method: 'POST',
    path: '/v1/streams',
    summary: 'Stream',
    tags: [],
    access: { permission: 'messages:send' },
    body: raw('message/rfc822', { maxBytes: 10_000 }),
    idempotent: true,
    responses: { 202: z.strictObject({ id: z.string() }) },
    errors: ['idempotency-key-reused'],
  }).handle(async ({ caller, body, idempotency }) => {
    for await (const _chunk of body);
    return database.tenant([caller.organisation], 'app', async (tx) => {
      const answer = { id: newId() };
      await idempotency.commit(tx, 202, answer);
      return { status: 202, body: answer };
    });
  });
  server = await createHttpServer({
    channel: 'api',
    routes: [act, streamed],
    authenticator: {
      apiKey: (secret) => {
        const organisation = organisations[secret];
        if (organisation === undefined) return Promise.resolve(null);
        const actor = { kind: 'api-key', apiKey: secret as ApiKeyId } as const;
        return Promise.resolve({ organisation, actor, permissions: new Set(PERMISSIONS) });
      },
      sessions: noSessions,
    },
    idempotency: { database, vault: world.ports.vault },
    clock: world.clock,
    logger: silentLogger,
    version: '0',
    publicUrl: () => undefined,
    trustedProxies: [],
    tls: undefined,
    ready: () => Promise.resolve({ ready: true, checks: {} }),
  });
});
afterAll(async () => {
  await server.close(100);
  await world.close();
});

const send = (key: string, body: object, secret = 'sp_one') =>
  server.inject({
    method: 'POST',
    path: '/v1/acts',
    headers: { authorization: `Bearer ${secret}`, 'idempotency-key': key },
    body,
  });

async function countActs(): Promise<number> {
  const { database } = world.ports;
  const rows = await database.tenant(Object.values(organisations), 'app', (tx) =>
    tx.query<{ name: string }>({ text: 'select name from sealpost.usage_window' }),
  );
  return rows.length;
}

describe('an Idempotency-Key', () => {
  it('gives a repeat the first answer, without acting again', async () => {
    const before = await countActs();
    const first = await send('a', { text: 'canary-body' });
    const repeat = await send('a', { text: 'canary-body' });
    expect([first.status, repeat.status, repeat.text]).toEqual([202, 202, first.text]);
    expect(repeat.headers['idempotency-replayed']).toBe('true');
    expect(await countActs()).toBe(before + 1);
  });

  it('refuses another body, another organisation is free, and a new key acts anew', async () => {
    await send('b', { text: 'one' });
    expect((await send('b', { text: 'two' })).json()).toMatchObject({
      status: 409,
      code: 'idempotency-key-reused',
    });
    expect((await send('b', { text: 'two' }, 'sp_two')).status).toBe(202);
    expect((await send('c', { text: 'one' })).headers['idempotency-replayed']).toBeUndefined();
  });

  it('lets one of many twins in flight act', async () => {
    const before = await countActs();
    within = () => new Promise((resolve) => setTimeout(resolve, 50));
    const twins = await Promise.all(Array.from({ length: 4 }, () => send('d', { text: 'same' })));
    within = undefined;
    expect(new Set(twins.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    expect(twins[0]?.status).toBe(202);
    expect(await countActs()).toBe(before + 1);
  });

  it('refuses a twin in flight with another body', async () => {
    within = () => new Promise((resolve) => setTimeout(resolve, 50));
    const [one, two] = await Promise.all([send('e', { text: 'one' }), send('e', { text: 'two' })]);
    within = undefined;
    expect([one.status, two.status].sort()).toEqual([202, 409]);
  });

  it('stores nothing when the act fails or crashes between, so that a repeat acts', async () => {
    const before = await countActs();
    within = () => Promise.reject(new Refusal('wrong-state'));
    expect((await send('f', { text: 'x' })).status).toBe(409);
    within = () => Promise.reject(new Error('crash'));
    expect((await send('f', { text: 'x' })).status).toBe(500);
    within = undefined;
    expect(await countActs()).toBe(before);
    expect((await send('f', { text: 'other' })).status).toBe(202);
    expect(await countActs()).toBe(before + 1);
  });

  it('is forgotten after 24 hours, and swept', async () => {
    const first = await send('g', { text: 'x' });
    world.clock.advance(86_401);
    const later = await send('g', { text: 'y' });
    expect(later.status).toBe(202);
    expect(later.text).not.toBe(first.text);
    world.clock.advance(86_401);
    const swept = await world.ports.database.tenant(Object.values(organisations), 'worker', (tx) =>
      sweepAnswers(tx, world.clock.now()),
    );
    expect(swept).toBeGreaterThan(0);
  });

  it('compares streamed bodies and the envelope beside them', async () => {
    const stream = (body: string, to = 'one') =>
      server.inject({
        method: 'POST',
        path: '/v1/streams',
        headers: {
          authorization: 'Bearer sp_one',
          'idempotency-key': 's',
          'content-type': 'message/rfc822',
          'x-sealpost-to': to,
        },
        body,
      });
    const first = await stream('Subject: a\r\n\r\nb');
    expect(first.status).toBe(202);
    expect((await stream('Subject: a\r\n\r\nb')).text).toBe(first.text);
    expect((await stream('Subject: a\r\n\r\nc')).status).toBe(409);
    expect((await stream('Subject: a\r\n\r\nb', 'two')).status).toBe(409);
  });

  it('leaves neither key, body nor answer readable in the database', async () => {
    const answer = await send('canary-key', { text: 'canary-text' });
    const rows = await world.ports.database.tenant(Object.values(organisations), 'app', (tx) =>
      tx.query<{ line: string }>({ text: 'select i::text as line from sealpost.idempotency i' }),
    );
    const stored = rows.map((row) => row.line).join();
    expect(rows.length).toBeGreaterThan(0);
    for (const secret of ['canary-key', 'canary-text', answer.text]) {
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(Buffer.from(secret).toString('hex'));
    }
    expect(acts).toBeGreaterThan(0);
  });
});
