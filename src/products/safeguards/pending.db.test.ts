import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { hasAccess } from '#platform/access';
import { createHttpServer, defineRoute, empty, type HttpServer, idParams } from '#platform/http';
import { silentLogger } from '#platform/runtime';
import { noSessions } from '../../../test/support/http-server.ts';
import { refusal } from '../../platform/access/test-kit.ts';
import { createPendingActs } from './index.ts';
import { type Member, openSafeguards, type SafeguardStage } from './test-kit.ts';

let stage: SafeguardStage;
let pending: ReturnType<typeof createPendingActs>;
let server: HttpServer;
let callers: Map<string, Caller>;
/** What the guarded route did, and as whom. */
const done: { readonly name: string; readonly as: unknown; readonly request: string }[] = [];
let meanwhile: 'fine' | 'refuses' | 'breaks' = 'fine';

beforeAll(async () => {
  stage = await openSafeguards();
  const faults: string[] = [];
  const ports = { ...stage.ports, fault: (_error: unknown, route: string) => void faults.push(route) };
  pending = createPendingActs(ports);
  callers = new Map();
  server = await createHttpServer({
    channel: 'api',
    routes: [
      defineRoute({
        ...{ method: 'POST', path: '/v1/risky/:id', summary: 'x', tags: [], fourEyes: 'roles' },
        access: { permission: 'roles:write' },
        params: idParams,
        body: z.strictObject({ name: z.string().min(2) }),
        responses: { 201: z.strictObject({ secret: z.string() }) },
        errors: ['wrong-state'],
      }).handle(async ({ caller, body, request }) => {
        if (meanwhile === 'refuses') throw new Refusal('wrong-state');
        if (meanwhile === 'breaks') throw new Error('broken');
        done.push({ name: body.name, as: caller.actor, request });
        return { status: 201, body: { secret: `secret of ${body.name}` } };
      }),
      defineRoute({
        ...{ method: 'PUT', path: '/v1/operated', summary: 'x', tags: [], fourEyes: 'installation' },
        access: { permission: 'installation:operate' },
        responses: { 204: empty },
      }).handle(async () => ({ status: 204 })),
    ],
    authenticator: {
      apiKey: (secret) => Promise.resolve(callers.get(secret) ?? null),
      sessions: noSessions,
    },
    idempotency: null,
    secondPerson: pending,
    clock: stage.world.clock,
    logger: silentLogger,
    version: '0',
    publicUrl: () => undefined,
    trustedProxies: [],
    tls: undefined,
    ready: () => Promise.resolve({ ready: true, checks: {} }),
  });
  ports.heldRoutes.current = server.routes;
});
afterAll(async () => {
  await server.close(100);
  await stage.server.close(100);
  await stage.world.close();
});
beforeEach(() => {
  done.length = 0;
  meanwhile = 'fine';
});

const ID = '0199aaaa-0000-7000-8000-000000000001';
const ORIGIN = 'http://127.0.0.1';

async function ask(caller: Caller, body: object) {
  callers.set('one', caller);
  const answer = await server.inject({
    ...{ method: 'POST', path: `/v1/risky/${ID}`, body },
    headers: { authorization: 'Bearer one' },
  });
  return { status: answer.status, ...(answer.json() as { id: string; held?: boolean; secret?: string }) };
}

/** Two administrators and an auditor, with a second person wanted for roles. */
async function clinic() {
  const ana: Member = await stage.join(null, ['administrator']);
  const ben = await stage.join(ana, ['administrator']);
  const auditor = await stage.now(await stage.join(ana, ['auditor']));
  const [asker, second] = [await stage.now(ana), await stage.now(ben)];
  await pending.change(asker, ['roles']);
  return { ana, ben, asker, second, auditor };
}

describe('an act that wants a second person', () => {
  it('is done at once where nobody chose so', async () => {
    const alone = await stage.now(await stage.join(null, ['administrator']));
    expect(await ask(alone, { name: 'now' })).toMatchObject({ status: 201, secret: 'secret of now' });
    await expect(pending.change(alone, ['roles'])).rejects.toEqual(refusal('wrong-state'));
  });

  it('cannot be wanted where a second person could do other things but not this', async () => {
    const ana = await stage.join(null, ['administrator']);
    const ina = await stage.now(await stage.join(ana, ['it-administrator']));
    const asker = await stage.now(ana);
    expect([hasAccess(ina, 'organisation:write'), hasAccess(ina, 'roles:write')]).toEqual([true, false]);
    const stuck = await pending.change(asker, ['roles', 'retention']).catch((error: unknown) => error);
    expect(stuck).toMatchObject({
      code: 'wrong-state',
      parameters: { reason: 'nobody-else', codes: 'roles' },
    });
    expect(await pending.settings(asker)).toEqual([]);
    // An operator alone could approve nobody's act of operating; somebody disabled approves nothing.
    const makeOperator = (who: typeof ana, disabled: Date | null) =>
      stage.ports.database.system('app', (tx) =>
        tx.execute({
          text: 'update sealpost.identity set operator = true, disabled_at = $2 where id = $1',
          values: [who.identity, disabled],
        }),
      );
    const ben = await stage.join(ana, ['nurse']);
    await makeOperator(ana, null);
    await makeOperator(ben, stage.world.clock.now());
    await expect(pending.change(asker, ['installation'])).rejects.toMatchObject({
      parameters: { codes: 'installation' },
    });
    await makeOperator(ben, null);
    await pending.change(asker, ['installation']);
    await pending.change(asker, ['retention']);
    expect(await pending.settings(asker)).toEqual(['retention']);
    const page = await stage.ports.database.tenant([ana.organisation], 'app', (tx) =>
      stage.audit.list(tx, ana.organisation, { limit: 50 }),
    );
    const told = (page?.lines ?? []).flatMap(({ entry }) =>
      entry?.action === 'four-eyes.changed' ? [entry.details?.loosened] : [],
    );
    expect(told).toEqual(['installation', null]);
  });

  it('waits, is done once as the one who asked, and gives its answer to them alone, once', async () => {
    const { ana, asker, second, auditor } = await clinic();
    const held = await ask(asker, { name: 'late' });
    expect(held).toMatchObject({ status: 202, held: true });
    expect(done).toEqual([]);
    expect((await ask(asker, { name: 'x' })).status).toBe(422);
    const wanted = [
      { name: 'params.id', value: ID },
      { name: 'body.name', value: 'late' },
    ];
    expect(await pending.request(second, held.id)).toEqual(wanted);
    expect(await pending.request(asker, held.id)).toEqual(wanted);
    for (const other of [auditor, await stage.now(await stage.join(null, ['administrator']))])
      await expect(pending.request(other, held.id)).rejects.toEqual(refusal('not-found'));
    await expect(pending.approve(asker, held.id, ORIGIN)).rejects.toEqual(refusal('not-permitted'));
    await expect(pending.approve(auditor, held.id, ORIGIN)).rejects.toEqual(refusal('not-permitted'));
    const stranger = await stage.now(await stage.join(null, ['administrator']));
    await expect(pending.approve(stranger, held.id, ORIGIN)).rejects.toEqual(refusal('not-found'));
    const both = await Promise.allSettled([
      pending.approve(second, held.id, ORIGIN),
      pending.approve(second, held.id, ORIGIN),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(done).toEqual([{ name: 'late', as: asker.actor, request: held.id }]);
    await expect(pending.answer(second, held.id)).rejects.toEqual(refusal('not-found'));
    await expect(pending.request(second, held.id)).rejects.toEqual(refusal('gone'));
    expect(await pending.answer(asker, held.id)).toEqual({ secret: 'secret of late' });
    await expect(pending.answer(asker, held.id)).rejects.toEqual(refusal('gone'));
    expect((await stage.actions(ana)).slice(1)).toEqual([
      'pending-act.asked',
      'pending-act.viewed',
      'pending-act.viewed',
      'pending-act.approved',
      'pending-act.ended',
      'pending-act.answer-taken',
    ]);
  });

  it('is judged anew when it is done: by what the asker may do then, and by the route itself', async () => {
    const { ana, asker, second } = await clinic();
    const first = await ask(asker, { name: 'stale' });
    meanwhile = 'refuses';
    expect(await pending.approve(second, first.id, ORIGIN)).toBe('refused');
    const next = await ask(asker, { name: 'broken' });
    meanwhile = 'breaks';
    expect(await pending.approve(second, next.id, ORIGIN)).toBe('failed');
    meanwhile = 'fine';
    const last = await ask(asker, { name: 'gone' });
    await stage.ports.database.tenant([ana.organisation], 'app', (tx) =>
      tx.execute({
        text: `update sealpost.membership set roles = '{auditor}' where identity = $1`,
        values: [ana.identity],
      }),
    );
    expect(await pending.approve(second, last.id, ORIGIN)).toBe('refused');
    expect(done).toEqual([]);
    expect((await pending.list(second, null, 10)).map(({ state, refusal: code }) => [state, code])).toEqual([
      ['refused', 'not-permitted'],
      ['failed', null],
      ['refused', 'wrong-state'],
    ]);
  });

  it('ends by rejection, by taking it back, and after 72 hours; what it asked for is sealed and forgotten', async () => {
    const { ana, asker, second } = await clinic();
    const ids = [];
    for (const name of ['secret-one', 'secret-two', 'secret-three'])
      ids.push((await ask(asker, { name })).id);
    const stored = () =>
      stage.ports.database.tenant([ana.organisation], 'app', (tx) =>
        tx.query<{ text: string | null }>({
          text: `select encode(request, 'escape') as text from sealpost.pending_act order by id`,
        }),
      );
    expect(JSON.stringify(await stored())).not.toContain('secret');
    await pending.reject(second, ids[0] ?? '');
    await expect(pending.withdraw(second, ids[1] ?? '')).rejects.toEqual(refusal('not-found'));
    await pending.withdraw(asker, ids[1] ?? '');
    stage.world.clock.advance(72 * 3600 + 1);
    for (const id of ids)
      await expect(pending.approve(second, id, ORIGIN)).rejects.toEqual(refusal('wrong-state'));
    expect((await stored()).map(({ text }) => text === null)).toEqual([true, true, false]);
    const { organisation } = asker;
    const waits = await ask(asker, { name: 'waits' });
    const took = await ask(asker, { name: 'took' });
    expect(await pending.forgetOver(organisation)).toBe(1);
    expect((await stored()).map(({ text }) => text === null)).toEqual([true, true, true, false, false]);
    expect(done).toEqual([]);
    expect(await pending.approve(second, took.id, ORIGIN)).toBe('done');
    expect(await pending.forgetOver(organisation)).toBe(0);
    stage.world.clock.advance(72 * 3600 + 1);
    expect(await pending.forgetOver(organisation)).toBe(2);
    await expect(pending.answer(asker, took.id)).rejects.toEqual(refusal('gone'));
    await expect(pending.request(asker, waits.id)).rejects.toEqual(refusal('gone'));
  });

  it('is refused to programs', async () => {
    const { asker } = await clinic();
    const program = { ...asker, actor: { kind: 'api-key', apiKey: 'k' as never } } as const;
    expect((await ask(program, { name: 'robot' })).status).toBe(403);
  });
});
