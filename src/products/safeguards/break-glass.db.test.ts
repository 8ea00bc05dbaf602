import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doneBy } from '#core/audit-entry';
import { runHeldAct } from '#platform/http';
import { callerOf, refusal } from '../../platform/access/test-kit.ts';
import { createBreakGlass, safeguardRoutes } from './index.ts';
import { type Member, openSafeguards, type SafeguardStage } from './test-kit.ts';

let stage: SafeguardStage;
let glasses: ReturnType<typeof createBreakGlass>;
beforeAll(async () => {
  stage = await openSafeguards();
  glasses = createBreakGlass(stage.ports);
});
afterAll(async () => {
  await stage.server.close(100);
  await stage.world.close();
});

const asked = { reason: 'Unconscious in the emergency room', reference: 'MRN 4711', minutes: 60 };

/** A clinic with an administrator, somebody at the front desk who may break the glass, and a reviewer. */
async function clinic() {
  const administrator = await stage.join(null, ['administrator']);
  const nurse = await stage.join(administrator, ['front-desk']);
  const officer = await stage.join(administrator, ['compliance-officer']);
  const use = callerOf(nurse, ['break-glass:use']);
  return { administrator, nurse, officer, use, review: await stage.now(officer) };
}

describe('emergency access', () => {
  it('gives the emergency role at once, alarms who reviews, and ends by itself', async () => {
    const { nurse, officer, administrator, use } = await clinic();
    expect((await stage.now(nurse)).permissions.has('messages:read-content')).toBe(false);
    stage.alarms.length = 0;
    const { id } = await glasses.start(use, asked);
    const held = (await stage.now(nurse)).permissions;
    expect(
      ['messages:read', 'messages:read-content', 'recipients:read'].every((one) => held.has(one as never)),
    ).toBe(true);
    expect(held.has('audit:read')).toBe(false);
    expect(stage.alarms).toMatchObject([{ kind: 'break-glass-started', id, who: nurse.identity }]);
    expect([...(stage.alarms[0]?.reviewers ?? [])].sort()).toEqual(
      [officer.identity, administrator.identity].sort(),
    );
    await expect(glasses.start(use, asked)).rejects.toEqual(refusal('wrong-state'));
    stage.world.clock.advance(3601);
    expect((await stage.now(nurse)).permissions.has('messages:read-content')).toBe(false);
    expect(await glasses.running(use)).toBeNull();
    expect(await glasses.endDue(nurse.organisation)).toBe(1);
    expect(await stage.actions(nurse)).toEqual(['break-glass.started', 'break-glass.ended']);
  });

  it('mails who may review it, and not who took it; neither who it was nor why stands in the mail', async () => {
    const { nurse, officer, administrator } = await clinic();
    const reviewer = await stage.join(administrator, ['compliance-officer']);
    await stage.join(administrator, ['front-desk']);
    const { notices } = stage.world;
    notices.length = 0;
    const taken = await glasses.start(callerOf(officer, ['break-glass:use', 'break-glass:review']), asked);
    const people = await stage.access.members.people([
      ...[administrator.identity, officer.identity, reviewer.identity, nurse.identity],
    ]);
    const addressOf = (one: Member) => people.get(one.identity)?.address;
    expect(notices.map(({ to }) => `${to.local}@${to.domain}`).sort()).toEqual(
      [addressOf(administrator), addressOf(reviewer)].sort(),
    );
    const startedAt = stage.world.clock.now();
    const body = { kind: 'emergency-access', emergency: taken.id, startedAt, expiresAt: taken.expiresAt };
    expect(notices.map((notice) => notice.body)).toEqual([body, body]);
    // One that was refused is told to nobody.
    await expect(glasses.start(callerOf(officer, ['break-glass:use']), asked)).rejects.toThrow();
    expect(notices).toHaveLength(2);
  });

  it('counts in the live session from the next request on, and no longer when ended', async () => {
    const person = await stage.enrol(['sender']);
    await stage.ports.database.tenant([person.organisation], 'app', (tx) =>
      tx.execute({ text: `update sealpost.membership set roles = '{front-desk}'` }),
    );
    const session = await stage.signIn(person);
    const may = async () =>
      (await stage.access.sessions.authenticate(session.token))?.permissions.has('messages:read-content');
    expect(await may()).toBe(false);
    const use = callerOf(person, ['break-glass:use']);
    const { id } = await glasses.start(use, asked);
    expect(await may()).toBe(true);
    await glasses.end(use, id);
    expect(await may()).toBe(false);
    await expect(glasses.end(use, id)).rejects.toEqual(refusal('wrong-state'));
  });

  it('is no program’s, and nobody’s without the permission', async () => {
    const { nurse } = await clinic();
    await expect(glasses.start(callerOf(nurse, ['messages:read']), asked)).rejects.toEqual(
      refusal('not-permitted'),
    );
    const program = { ...callerOf(nurse), actor: { kind: 'api-key', apiKey: 'k' as never } } as const;
    await expect(glasses.start(program, asked)).rejects.toEqual(refusal('not-permitted'));
  });

  it('is reviewed by somebody else, with what was done in its time', async () => {
    const { nurse, officer, use, review, administrator } = await clinic();
    const { id } = await glasses.start(use, asked);
    const subjects = [{ kind: 'message', id: '0199aaaa-0000-7000-8000-000000000001' }];
    const write = (entry: ReturnType<typeof doneBy>) =>
      stage.ports.database.tenant([nurse.organisation], 'app', (tx) => stage.audit.append(tx, entry));
    await write(doneBy(use, 'message.content-viewed', { subjects }));
    await write(doneBy(callerOf(administrator), 'message.content-viewed', { subjects }));
    await expect(glasses.review(review, id, { justified: true, note: 'x' })).rejects.toEqual(
      refusal('wrong-state'),
    );
    stage.world.clock.advance(5);
    await glasses.end(use, id);
    stage.world.clock.advance(5);
    await write(doneBy(use, 'message.sent', { subjects }));
    const { acts, all } = await glasses.acts(review, id);
    expect(all).toBe(true);
    expect(acts.map(({ entry }) => entry.action)).toEqual(['message.content-viewed', 'break-glass.started']);
    expect(acts[0]?.entry.subjects).toEqual(subjects);

    const own = await stage.now({ ...nurse });
    const both = { ...own, permissions: new Set(['break-glass:review'] as const) };
    await expect(glasses.review(both, id, { justified: true, note: 'mine' })).rejects.toEqual(
      refusal('not-permitted'),
    );
    expect(await glasses.list(review, null, 10)).toMatchObject([
      { id, reason: asked.reason, reference: asked.reference, overdue: false, mayReview: true, review: null },
    ]);
    stage.world.clock.advance(73 * 3600);
    expect(await glasses.list(review, null, 10)).toMatchObject([{ overdue: true }]);
    await glasses.review(review, id, { justified: false, note: 'The patient was not ours' });
    expect(await glasses.list(review, null, 10)).toMatchObject([
      { overdue: false, mayReview: false, review: { by: officer.identity, justified: false } },
    ]);
    await expect(glasses.review(review, id, { justified: true, note: 'x' })).rejects.toEqual(
      refusal('wrong-state'),
    );
  });

  it('keeps reason, reference and note sealed, and shows nothing to another organisation', async () => {
    const { nurse, use, review } = await clinic();
    const { id } = await glasses.start(use, asked);
    const rows = await stage.ports.database.tenant([nurse.organisation], 'app', (tx) =>
      tx.query({
        text: `select encode(reason, 'escape') || encode(reference, 'escape') as text from sealpost.break_glass`,
      }),
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/Unconscious|4711/);
    const page = await stage.ports.database.tenant([nurse.organisation], 'app', (tx) =>
      stage.audit.list(tx, nurse.organisation, { limit: 10 }),
    );
    expect(JSON.stringify(page)).not.toMatch(/Unconscious|4711/);
    const stranger = { ...review, organisation: (await stage.join(null, [])).organisation };
    expect(await glasses.list(stranger, null, 10)).toEqual([]);
    await expect(glasses.acts(stranger, id)).rejects.toEqual(refusal('not-found'));
    await expect(glasses.end(stranger, id)).rejects.toEqual(refusal('not-found'));
  });

  it('gives what the organisation chose', async () => {
    const { nurse, administrator, use } = await clinic();
    const { organisation } = administrator;
    await stage.ports.database.tenant([organisation], 'app', (tx) =>
      stage.access.emergency.setPermissions(tx, organisation, ['messages:read']),
    );
    await glasses.start(use, asked);
    const held = (await stage.now(nurse)).permissions;
    expect([held.has('messages:read'), held.has('messages:read-content')]).toEqual([true, false]);
  });

  it('is made to give more only by who holds that for good', async () => {
    const { administrator, nurse } = await clinic();
    const { organisation } = administrator;
    const route = safeguardRoutes(stage.ports).find(
      ({ method, path }) => method === 'PUT' && path === '/v1/break-glass-settings',
    );
    if (route === undefined) throw new Error('no route');
    const boss = await stage.now(administrator);
    await stage.access.assignments.assign(boss, {
      ...{ subject: { kind: 'identity', id: nurse.identity }, role: 'administrator', scope: null },
      expiresAt: new Date(stage.world.clock.now().getTime() + 60_000),
    });
    const put = (by: typeof boss) => {
      const body = { permissions: ['messages:read', 'messages:cancel'] };
      return runHeldAct(route, by, { params: {}, query: {}, headers: {}, body }, '');
    };
    await expect(put(await stage.now(nurse))).rejects.toEqual(refusal('not-permitted'));
    await put(boss);
    const given = await stage.ports.database.tenant([organisation], 'app', (tx) =>
      stage.access.emergency.permissions(tx, organisation),
    );
    expect(given).toEqual(['messages:read', 'messages:cancel']);
  });
});
