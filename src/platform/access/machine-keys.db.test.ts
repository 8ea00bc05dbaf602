import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Permission } from '#core/actor';
import type { ClientCertificate } from '#core/client-certificate';
import { type AccessStage, callerOf, type Enrolled, openAccessStage, refusal } from './test-kit.ts';

let world: AccessStage['world'];
let access: AccessStage['access'];
let enrol: AccessStage['enrol'];

beforeAll(async () => {
  ({ world, access, enrol } = await openAccessStage());
});
afterAll(() => world.close());
beforeEach(() => {
  world.entries.length = 0;
});

const DAY = 86_400;
const send = { label: 'key', permissions: ['messages:send'], networks: [], expiresAt: null } as const;
const actions = () => world.entries.map(({ action }) => action);
/** What a process that has kept nothing finds. */
async function lookUp(secret: string, certificate: ClientCertificate | null = null) {
  world.clock.advance(6);
  return access.authenticateApiKey(secret, null, certificate);
}

async function sql(person: Enrolled, text: string, values: unknown[]): Promise<void> {
  await world.ports.database.tenant([person.organisation], 'app', (tx) =>
    tx.execute({ text, values: values as string[] }),
  );
}

async function account(person: Enrolled, permissions: readonly Permission[]): Promise<string> {
  const caller = callerOf(person);
  return access.serviceAccounts.create(caller, {
    name: `engine ${Math.random()}`,
    owner: person.identity,
    permissions,
  });
}

describe("a person's key", () => {
  it('gives only what its maker may do now, and ends with them', async () => {
    const person = await enrol();
    const caller = callerOf(person);
    const wanted = ['messages:send', 'audit:read'] as const;
    const { key, secret } = await access.apiKeys.create(caller, { ...send, permissions: wanted });
    expect([...((await lookUp(secret))?.permissions ?? [])]).toEqual(wanted);
    await sql(person, `update sealpost.membership set roles = '{sender}' where identity = $1`, [
      person.identity,
    ]);
    expect([...((await lookUp(secret))?.permissions ?? [])]).toEqual(['messages:send']);
    await sql(person, 'update sealpost.membership set ended_at = now() where identity = $1', [
      person.identity,
    ]);
    expect(await lookUp(secret)).toBeNull();
    const [listed] = await access.apiKeys.list(caller, null, 1);
    expect(listed).toMatchObject({ id: key.id, backed: false });
  });

  it('follows a change of its maker at once in the process that was told', async () => {
    const person = await enrol();
    const { secret } = await access.apiKeys.create(callerOf(person), send);
    expect(await access.authenticateApiKey(secret, null)).not.toBeNull();
    await sql(person, 'update sealpost.membership set ended_at = now() where identity = $1', [
      person.identity,
    ]);
    access.sessions.forgetPerson(person.identity);
    expect(await access.authenticateApiKey(secret, null)).toBeNull();
  });

  it('is held for single things alone when made for them', async () => {
    const caller = callerOf(await enrol());
    const scopes = [{ kind: 'mailbox', id: 'lab@clinic.test' }] as const;
    const limits = { scopes, certificate: null };
    const { secret } = await access.apiKeys.create(caller, { ...send, limits });
    const found = await lookUp(secret);
    expect(found?.permissions.size).toBe(0);
    expect(found?.scoped.get('messages:send')).toEqual(scopes);
    const rows = await world.ports.database.tenant([caller.organisation], 'app', (tx) =>
      tx.query({ text: `select encode(limits, 'escape') as text from sealpost.api_key` }),
    );
    expect(JSON.stringify(rows)).not.toContain('lab@');
  });

  it('opens nothing without the certificate that it asks for', async () => {
    const caller = callerOf(await enrol());
    const limits = { scopes: [], certificate: { issuer: 'CN=Clinic CA', subject: 'CN=engine' } };
    const { secret } = await access.apiKeys.create(caller, { ...send, limits });
    const shown = { spki: 's', fingerprint: 'f', names: [], trusted: true, ...limits.certificate, ...END };
    expect(await lookUp(secret, shown)).not.toBeNull();
    expect(await lookUp(secret)).toBeNull();
    expect(await lookUp(secret, { ...shown, subject: 'CN=other' })).toBeNull();
    const taken = { ...shown, fingerprint: 'taken back' };
    world.revoked.add(taken.fingerprint);
    expect(await lookUp(secret, taken)).toBeNull();
    // Names under an authority that nobody named are anybody's.
    expect(await lookUp(secret, { ...shown, trusted: false })).toBeNull();
  });
});

describe("a service account's key", () => {
  it('is bound by the account, at once', async () => {
    const person = await enrol();
    const caller = callerOf(person);
    const id = await account(person, ['messages:send', 'messages:read']);
    const wanted = ['messages:send', 'messages:read'] as const;
    const { secret } = await access.apiKeys.create(caller, {
      ...send,
      permissions: wanted,
      serviceAccount: id,
    });
    expect([...((await access.authenticateApiKey(secret, null))?.permissions ?? [])]).toEqual(wanted);
    await access.serviceAccounts.change(caller, id, { owner: null, permissions: ['messages:read'] });
    expect([...((await access.authenticateApiKey(secret, null))?.permissions ?? [])]).toEqual([
      'messages:read',
    ]);
    // It does not follow the person who made it.
    await sql(person, `update sealpost.membership set roles = '{}' where identity = $1`, [person.identity]);
    expect((await lookUp(secret))?.permissions.size).toBe(1);
    await access.serviceAccounts.end(caller, id);
    expect(await access.authenticateApiKey(secret, null)).toBeNull();
    expect(actions()).toEqual([
      'member.added',
      'service-account.created',
      'api-key.created',
      'service-account.changed',
      'service-account.ended',
    ]);
  });

  it('is given by nobody who holds less, and for no account of others', async () => {
    const person = await enrol();
    const id = await account(person, ['messages:send', 'audit:read']);
    const poor = callerOf(person, ['api-keys:write', 'messages:send']);
    const more = { ...send, permissions: ['audit:read'], serviceAccount: id } as const;
    await expect(access.apiKeys.create(poor, more)).rejects.toEqual(refusal('not-permitted'));
    await expect(
      access.serviceAccounts.change(poor, id, { owner: null, permissions: ['members:read'] }),
    ).rejects.toEqual(refusal('not-permitted'));
    const stranger = callerOf(await enrol());
    const taken = access.apiKeys.create(stranger, { ...send, serviceAccount: id });
    await expect(taken).rejects.toEqual(refusal('invalid'));
    await expect(access.serviceAccounts.end(stranger, id)).rejects.toEqual(refusal('not-found'));
    const owner = access.serviceAccounts.change(stranger, id, {
      owner: person.identity,
      permissions: null,
    });
    await expect(owner).rejects.toEqual(refusal('not-found'));
  });
});

const END = { notAfter: new Date('2100-01-01') };

describe('the life of keys', () => {
  it('is a year unless the rule says less, and never longer', async () => {
    const caller = callerOf(await enrol());
    const days = (at: Date | null) => ((at?.getTime() ?? 0) - world.clock.now().getTime()) / DAY / 1000;
    expect(days((await access.apiKeys.create(caller, send)).key.expiresAt)).toBe(365);
    await access.apiKeys.setLongestDays(caller, 30);
    expect(await access.apiKeys.longestDays(caller)).toBe(30);
    const late = new Date(world.clock.now().getTime() + 40 * DAY * 1000);
    await expect(access.apiKeys.create(caller, { ...send, expiresAt: late })).rejects.toEqual(
      refusal('invalid'),
    );
    const made = await access.apiKeys.create(caller, send);
    expect(days(made.key.expiresAt)).toBe(30);
  });

  it('is told of once, 14 days before its end; long unused keys are marked', async () => {
    const person = await enrol();
    const caller = callerOf(person);
    await access.apiKeys.create(caller, send);
    await access.apiKeys.setLongestDays(caller, 10);
    const { key } = await access.apiKeys.create(caller, send);
    world.entries.length = 0;
    expect(await access.apiKeys.tellExpiring(person.organisation)).toBe(1);
    expect(await access.apiKeys.tellExpiring(person.organisation)).toBe(0);
    expect(world.entries).toMatchObject([
      { action: 'api-key.expires-soon', subjects: [{ kind: 'api-key', id: key.id }], details: { days: 10 } },
    ]);
    world.clock.advance(91 * DAY);
    const listed = await access.apiKeys.list(caller, null, 10);
    expect(listed.map(({ unused }) => unused)).toEqual([false, true]);
  });
});
