import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerOf, refusal } from '../../platform/access/test-kit.ts';
import { createReviews } from './index.ts';
import { reportCsv } from './review-report.ts';
import type { ItemView } from './review-routes.ts';
import { type Member, openSafeguards, type SafeguardStage } from './test-kit.ts';

let stage: SafeguardStage;
let reviews: ReturnType<typeof createReviews>;
beforeAll(async () => {
  stage = await openSafeguards();
  reviews = createReviews(stage.ports);
});
afterAll(async () => {
  await stage.server.close(100);
  await stage.world.close();
});

const inDays = (days: number) => new Date(stage.world.clock.now().getTime() + days * 86_400_000);

async function clinic() {
  const administrator = await stage.join(null, ['administrator']);
  const officer = await stage.join(administrator, ['compliance-officer', 'auditor']);
  const nurse = await stage.join(administrator, ['nurse']);
  return { administrator, officer, nurse, review: await stage.now(officer) };
}

function wish(officer: Member, more: object = {}) {
  return {
    ...{ name: 'Autumn', audience: 'people', audienceId: null, reviewers: [officer.identity] },
    ...{ dueAt: inDays(14), everyMonths: null, ...more },
  } as Parameters<typeof reviews.open>[1];
}

describe('a review of people', () => {
  it('lists who holds what, and a revocation takes effect at once', async () => {
    const { officer, nurse, review } = await clinic();
    const { id, items } = await reviews.open(review, wish(officer));
    expect(items).toBe(3);
    const lines = await reviews.items(review, id, null, 100);
    const line = lines.find(({ person }) => person === nurse.identity);
    expect(line).toMatchObject({ kind: 'member', holds: ['nurse'], decision: null });
    await reviews.decide(review, line?.id ?? '', 'revoke');
    expect((await stage.now(nurse)).permissions.size).toBe(0);
    await expect(reviews.decide(review, line?.id ?? '', 'keep')).rejects.toEqual(refusal('wrong-state'));
    await expect(reviews.close(review, id)).rejects.toEqual(refusal('wrong-state'));
    const after = (await reviews.items(review, id, null, 100)).find(
      ({ person }) => person === nurse.identity,
    );
    const page = await stage.ports.database.tenant([nurse.organisation], 'app', (tx) =>
      stage.audit.list(tx, nurse.organisation, { limit: 10, action: 'access-review.decided' }),
    );
    expect(after?.audit_entry).toBe(page?.lines[0]?.id);
    expect(page?.lines[0]?.entry?.details).toMatchObject({ decision: 'revoke', ended: 'now' });
  });

  it('says of each role and right when it was last used and how often, as it was when the campaign began', async () => {
    const { administrator, officer, nurse, review } = await clinic();
    const { uses, groups, assignments } = stage.access;
    const boss = callerOf(administrator);
    const by = callerOf(nurse);
    const today = stage.world.clock.now().toISOString().slice(0, 10);
    uses.note(by, 'messages:read');
    uses.note(by, 'messages:read');
    await uses.flush();
    stage.world.clock.advance(2 * 86_400);
    const later = stage.world.clock.now().toISOString().slice(0, 10);
    uses.note(by, 'messages:read');
    uses.note(by, 'messages:send');
    await uses.flush();
    const ward = await groups.create(boss, 'Ward');
    await groups.addMember(boss, ward.id, nurse.identity);
    await assignments.assign(boss, {
      subject: { kind: 'group', id: ward.id },
      role: 'billing',
      scope: null,
      expiresAt: null,
    });
    const { id } = await reviews.open(review, wish(officer));
    uses.note(by, 'messages:cancel');
    await uses.flush();
    const lines = await reviews.items(review, id, null, 100);
    const line = lines.find(({ kind, person }) => kind === 'member' && person === nurse.identity);
    expect(line?.usage?.since).toBe(today);
    expect(line?.usage?.roles).toEqual([{ name: 'nurse', lastUsedOn: later, uses: 4 }]);
    const of = (name: string) => line?.usage?.permissions.find((one) => one.name === name);
    expect([of('messages:read'), of('messages:send'), of('messages:cancel'), of('audit:read')]).toEqual([
      { name: 'messages:read', lastUsedOn: later, uses: 3 },
      { name: 'messages:send', lastUsedOn: later, uses: 1 },
      { name: 'messages:cancel', lastUsedOn: null, uses: 0 },
      undefined,
    ]);
    const given = lines.find(({ kind }) => kind === 'assignment');
    expect(given?.usage?.roles).toMatchObject([{ name: 'billing', lastUsedOn: later }]);
    const other = lines.find(({ person }) => person === officer.identity);
    expect(other?.usage?.roles.map(({ lastUsedOn }) => lastUsedOn)).toEqual([null, null]);
  });

  it('is decided by its reviewers, by nobody on themselves, and never ends the last administrator', async () => {
    const { administrator, officer, nurse, review } = await clinic();
    const { id } = await reviews.open(review, wish(officer));
    const lines = await reviews.items(review, id, null, 100);
    const of = (member: Member) => lines.find(({ person }) => person === member.identity)?.id ?? '';
    await expect(reviews.decide(review, of(officer), 'keep')).rejects.toEqual(refusal('not-permitted'));
    const other = await stage.now(administrator);
    await expect(reviews.decide(other, of(nurse), 'keep')).rejects.toEqual(refusal('not-permitted'));
    await expect(reviews.decide(review, of(administrator), 'revoke')).rejects.toEqual(refusal('wrong-state'));
    expect((await stage.now(administrator)).permissions.has('members:write')).toBe(true);
    const blind = wish(officer, { reviewers: [nurse.identity] });
    await expect(reviews.open(review, blind)).rejects.toEqual(refusal('invalid'));
    const stranger = await stage.now(await stage.join(null, ['administrator']));
    await expect(reviews.items(stranger, id, null, 10)).rejects.toEqual(refusal('not-found'));
    await expect(reviews.decide(stranger, of(nurse), 'keep')).rejects.toEqual(refusal('not-found'));
  });

  it('of one role takes that role alone', async () => {
    const { administrator, officer, nurse } = await clinic();
    const asked = wish(officer, {
      audience: 'role',
      audienceId: 'auditor',
      reviewers: [administrator.identity],
    });
    const caller = await stage.now(administrator);
    const { id, items } = await reviews.open(caller, asked);
    expect(items).toBe(1);
    const [line] = await reviews.items(caller, id, null, 10);
    await reviews.decide(caller, line?.id ?? '', 'revoke');
    const held = (await stage.now(officer)).permissions;
    expect([
      held.has('messages:cancel'),
      held.size > 0,
      (await stage.now(nurse)).permissions.size > 0,
    ]).toEqual([true, true, true]);
    await reviews.close(caller, id);
    expect((await reviews.list(caller, null, 1))[0]).toMatchObject({ decided: 1, revoked: 1 });
  });

  it('opens its next round when the months are over, once', async () => {
    const { officer, review } = await clinic();
    await reviews.open(review, wish(officer, { everyMonths: 3 }));
    expect(await reviews.openDue(officer.organisation)).toBe(0);
    stage.world.clock.advance(93 * 86_400);
    expect(await reviews.openDue(officer.organisation)).toBe(1);
    expect(await reviews.openDue(officer.organisation)).toBe(0);
    const [next] = await reviews.list(review, null, 10);
    expect(next).toMatchObject({ items: 3, created_by: null, every_months: 3 });
    expect(Math.round(((next?.due_at.getTime() ?? 0) - (next?.created_at.getTime() ?? 0)) / 86_400_000)).toBe(
      14,
    );
  });
});

describe('a review of machines', () => {
  it('ends a key and an account at once', async () => {
    const { administrator, officer, review } = await clinic();
    const maker = callerOf(administrator);
    const key = { label: 'old', permissions: ['messages:send'], networks: [], expiresAt: null } as const;
    const own = await stage.access.apiKeys.create(maker, key);
    const account = await stage.access.serviceAccounts.create(maker, {
      ...{ name: 'engine', owner: administrator.identity, permissions: ['messages:send'] },
    });
    const its = await stage.access.apiKeys.create(maker, { ...key, serviceAccount: account });
    const opens = async (secret: string) => (await stage.access.authenticateApiKey(secret, null)) !== null;
    expect([await opens(own.secret), await opens(its.secret)]).toEqual([true, true]);
    const program = { ...maker, actor: { kind: 'api-key', apiKey: its.key.id } } as const;
    stage.access.uses.note(program, 'messages:send');
    await stage.access.uses.flush();
    const { id, items } = await reviews.open(review, wish(officer, { audience: 'machines' }));
    expect(items).toBe(3);
    const lines = await reviews.items(review, id, null, 10);
    const usesOf = (subject: string) =>
      lines.find((line) => line.subject === subject)?.usage?.permissions[0]?.uses;
    expect([usesOf(own.key.id), usesOf(its.key.id), usesOf(account)]).toEqual([0, 1, 1]);
    const of = (subject: string) => lines.find((line) => line.subject === subject)?.id ?? '';
    await reviews.decide(review, of(own.key.id), 'revoke');
    await reviews.decide(review, of(account), 'revoke');
    await reviews.decide(review, of(its.key.id), 'keep');
    expect([await opens(own.secret), await opens(its.secret)]).toEqual([false, false]);
    await reviews.close(review, id);
    const { items: told } = await reviews.report(review, id);
    expect(told.every(({ audit_entry }) => audit_entry !== null)).toBe(true);
    expect(await stage.actions(officer)).toContain('access-review.exported');
  });
});

it('a report runs no formulas', () => {
  const line: ItemView = {
    ...{ id: 'i', kind: 'api-key', subject: 's', label: '=HYPERLINK("x")', person: null, holds: ['a', 'b'] },
    ...{ lastUsedAt: null, decision: 'keep', decidedBy: { id: 'p', label: '@ana' }, decidedAt: null },
    ...{ auditEntry: null, mayDecide: false },
    usage: {
      since: '2026-01-02',
      roles: [{ name: '=nurse', lastUsedOn: '2026-11-26', uses: 12 }],
      permissions: [{ name: 'a', lastUsedOn: null, uses: 0 }],
    },
  };
  const [, row] = reportCsv([line]).split('\r\n');
  expect(row).toBe(
    `"api-key","s","'=HYPERLINK(""x"")","","a b","","'=nurse: 12, last 2026-11-26","a: never","2026-01-02","keep","'@ana","",""`,
  );
});
