import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { auditReferenceBinding } from '#core/audit-reference';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { newId } from '#platform/runtime';
import { connectOwner } from '../../platform/database/owner-connection.ts';
import { auditRoutes } from './audit-routes.ts';
import { timelineSchema } from './person-days.ts';
import { type ComplianceStage, openComplianceStage, routeOf } from './test-kit.ts';

const ANNA = 'anna.canary@good-tls.test';
const nurse = newId() as IdentityId;
const message = newId();
const delivery = newId();
const person = newId();

let stage: ComplianceStage;
const found = z.object({
  query: z.string(),
  items: z.array(z.object({ action: z.string() })),
  next: z.string().nullable(),
});

async function search(body: object, as = stage.caller) {
  const answer = await stage.call(routeOf(auditRoutes(stage.ports), 'POST /v1/audit/search'), { body }, as);
  return found.parse(answer.body);
}
const actionsOf = async (wanted: object) => (await search({ wanted })).items.map(({ action }) => action);

beforeAll(async () => {
  stage = await openComplianceStage({ people: { [nurse]: 'Nora Nurse' } });
  const { organisation, vault } = stage;
  const sql = await connectOwner(stage.fresh.superuserUrl);
  await sql.query('set search_path = sealpost');
  const index = await vault.blindIndex(organisation, 'address', ANNA);
  await sql.query(
    `insert into delivery (id, organisation, message, recipient, recipient_index, domain, state)
     values ($1, $2, $3, '', $4, 'good-tls.test', 'delivered')`,
    [delivery, organisation, message, index],
  );
  await sql.query(
    `insert into portal_person (id, organisation, address_index, object_key, address, domain)
     values ($1, $2, $3, '', '', 'good-tls.test')`,
    [person, organisation, await vault.blindIndex(organisation, 'portal-address/1', ANNA)],
  );
  await sql.close();
  const actor = { kind: 'person', identity: nurse, session: newId() as SessionId } as const;
  await stage.write(
    stage.entry({ action: 'message.content-read', actor, subjects: [{ kind: 'message', id: message }] }),
    stage.entry({ action: 'delivery.delivered', subjects: [{ kind: 'delivery', id: delivery }] }),
    stage.entry({
      action: 'portal.read',
      actor: { kind: 'recipient', person: person as never },
      origin: { address: null, channel: 'portal' },
    }),
    stage.entry({ action: 'message.content-read', actor, subjects: [{ kind: 'message', id: newId() }] }),
  );
  await stage.settle();
});
afterAll(() => stage.close());

describe('searching by people', () => {
  it('follows a recipient’s address to every entry about them and by them, and to no other', async () => {
    expect(await actionsOf({ recipient: 'Anna.Canary@GOOD-TLS.test' })).toEqual([
      'portal.read',
      'delivery.delivered',
      'message.content-read',
    ]);
    expect(await actionsOf({ recipient: 'nobody@good-tls.test' })).toEqual([]);
  });

  it('puts on record whom was followed, sealed', async () => {
    const [entry] = await stage.logged('audit.recipient-traced');
    expect(JSON.stringify(entry)).not.toContain('canary');
    const page = await stage.database.tenant([stage.organisation], 'app', (tx) =>
      stage.audit.entry(tx, stage.organisation, entry?.id ?? ''),
    );
    const binding = auditReferenceBinding(stage.organisation, entry?.subjects ?? []);
    const opened = await stage.vault.openValue(binding, page?.sealedReference ?? Buffer.alloc(0));
    expect(opened.toString()).toContain('nobody@good-tls.test');
  });

  it('finds people of the organisation by name', async () => {
    expect(await actionsOf({ person: 'Nora' })).toHaveLength(2);
    expect(await actionsOf({ person: 'Nobody' })).toEqual([]);
    expect(await actionsOf({ person: 'Nora', recipient: ANNA })).toEqual(['message.content-read']);
  });

  it('gives an opaque text that pages on, holds no word of it, and opens nowhere else', async () => {
    const first = await search({ wanted: { person: 'Nora' }, limit: 1 });
    expect(Buffer.from(first.query, 'base64url').includes('Nora')).toBe(false);
    const second = await search({ query: first.query, cursor: first.next, limit: 1 });
    expect(second.items).toHaveLength(1);
    const stranger = { ...stage.caller, organisation: newId() as OrganisationId };
    await expect(search({ query: first.query }, stranger)).rejects.toMatchObject({ code: 'invalid' });
    await expect(search({ query: 'AAAA' })).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('what a person did', () => {
  it('is told by day, with counts, first, last and networks', async () => {
    const route = routeOf(auditRoutes(stage.ports), 'POST /v1/audit/person');
    const answer = await stage.call(route, { body: { actor: nurse, since: '2020-01-01T00:00:00Z' } });
    const { days, acts, whole } = timelineSchema.parse(answer.body);
    expect({ acts, whole, days: days.length }).toEqual({ acts: 2, whole: true, days: 1 });
    expect(days[0]?.actions).toEqual([{ action: 'message.content-read', count: 2 }]);
  });

  it('is looked for on record, by name only where the organisation knows the person', async () => {
    const stranger = newId();
    const ports = { ...stage.ports, isMember: async () => false };
    const route = routeOf(auditRoutes(ports), 'POST /v1/audit/person');
    for (const actor of [stranger, nurse])
      await stage.call(route, { body: { actor, since: '2020-01-01T00:00:00Z' } });
    await stage.settle();
    const told = (await stage.logged('audit.person-viewed')).flatMap(({ subjects }) => subjects);
    expect(told).toContainEqual({ kind: 'identity', id: nurse });
    expect(JSON.stringify(told)).not.toContain(stranger);
  });
});

describe('kept searches', () => {
  it('are one’s own until shared, and sealed in the database', async () => {
    const routes = auditRoutes(stage.ports);
    const keep = (name: string, shared: boolean) =>
      stage.call(routeOf(routes, 'POST /v1/audit-filters'), {
        body: { name, shared, wanted: { recipient: ANNA } },
      });
    await keep('Anna canary, mine', false);
    const shared = z.object({ id: z.string() }).parse((await keep('Anna canary, ours', true)).body);
    const list = async (as = stage.caller) => {
      const { body } = await stage.call(routeOf(routes, 'GET /v1/audit-filters'), {}, as);
      return z.object({ items: z.array(z.object({ name: z.string(), own: z.boolean() })) }).parse(body).items;
    };
    const colleague = stage.another(['audit:read']);
    expect(await list()).toHaveLength(2);
    expect(await list(colleague)).toEqual([{ name: 'Anna canary, ours', own: false }]);
    const drop = routeOf(routes, 'DELETE /v1/audit-filters/:id');
    const params = { id: shared.id };
    await expect(stage.call(drop, { params }, colleague)).rejects.toMatchObject({ code: 'not-found' });
    await stage.call(drop, { params });
    expect(await list(colleague)).toEqual([]);
    const sql = await connectOwner(stage.fresh.superuserUrl);
    const rows = await sql.query<{ name: Buffer; query: Buffer }>(
      'select name, query from sealpost.audit_filter',
    );
    await sql.close();
    expect(rows).toHaveLength(2);
    for (const { name, query } of rows) expect(Buffer.concat([name, query]).includes('canary')).toBe(false);
  });
});

describe('entries by their ids', () => {
  const read = (ids: readonly string[], as = stage.caller) =>
    stage.call(routeOf(auditRoutes(stage.ports), 'POST /v1/audit/entries'), { body: { ids } }, as);
  const lines = z.object({ items: z.array(z.object({ id: z.string(), action: z.string() })) });

  it('gives them placed or not, oldest first, on record, and none of another organisation', async () => {
    const placed = await stage.logged('portal.read');
    const ids = await stage.write(stage.entry({ action: 'key.made' }));
    const asked = [...ids, newId(), placed[0]?.id ?? ''];
    const before = (await stage.logged('audit.viewed')).length;
    const { items } = lines.parse((await read(asked)).body);
    expect(items.map(({ action }) => action)).toEqual(['portal.read', 'key.made']);
    await stage.settle();
    expect(await stage.logged('audit.viewed')).toHaveLength(before + 1);
    const stranger = { ...stage.caller, organisation: newId() as OrganisationId };
    expect((await read(asked, stranger)).body).toEqual({ items: [] });
  });
});
