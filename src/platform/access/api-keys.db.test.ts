import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AccessStage, callerOf, openAccessStage, refusal } from './test-kit.ts';

let world: AccessStage['world'];
let access: AccessStage['access'];
let enrol: AccessStage['enrol'];

beforeAll(async () => {
  ({ world, access, enrol } = await openAccessStage());
});
afterAll(() => world.close());
beforeEach(() => {
  world.entries.length = 0;
  world.audit.fails = false;
});

describe('API keys', () => {
  const send = { label: 'key', permissions: ['messages:send'], networks: [], expiresAt: null } as const;

  it('are stored as a MAC, note their use, and end at once when revoked', async () => {
    const person = await enrol();
    const caller = callerOf(person);
    const { key, secret } = await access.apiKeys.create(caller, send);
    expect(await access.authenticateApiKey(secret, null)).toMatchObject({
      organisation: person.organisation,
    });
    expect(
      await access.authenticateApiKey(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`, null),
    ).toBeNull();
    const [listed] = await access.apiKeys.list(caller, null, 10);
    expect(listed?.lastUsedAt).toEqual(world.clock.now());
    const rows = await world.ports.database.tenant([person.organisation], 'app', (tx) =>
      tx.query<{ line: string }>({ text: 'select k::text as line from sealpost.api_key k' }),
    );
    expect(JSON.stringify(rows)).not.toContain(secret.slice(16));
    await access.apiKeys.revoke(caller, key.id);
    expect(await access.authenticateApiKey(secret, null)).toBeNull();
    expect(world.entries.map((entry) => entry.action)).toEqual([
      'member.added',
      'api-key.created',
      'api-key.revoked',
    ]);
  });

  it('give nothing that their maker does not hold', async () => {
    const person = await enrol();
    const poor = callerOf(person, ['api-keys:write', 'messages:send']);
    await access.apiKeys.create(poor, send);
    const more = access.apiKeys.create(poor, { ...send, permissions: ['messages:send', 'audit:read'] });
    await expect(more).rejects.toEqual(refusal('not-permitted'));
    const none = access.apiKeys.create(callerOf(person, ['messages:send']), send);
    await expect(none).rejects.toEqual(refusal('not-permitted'));
  });

  it('are bound to networks and end in time', async () => {
    const caller = callerOf(await enrol());
    const expiresAt = new Date(world.clock.now().getTime() + 60_000);
    const { secret } = await access.apiKeys.create(caller, {
      ...send,
      networks: ['192.0.2.0/24'],
      expiresAt,
    });
    expect(await access.authenticateApiKey(secret, '192.0.2.9')).not.toBeNull();
    expect(await access.authenticateApiKey(secret, '198.51.100.9')).toBeNull();
    expect(await access.authenticateApiKey(secret, null)).toBeNull();
    world.clock.advance(61);
    expect(await access.authenticateApiKey(secret, '192.0.2.9')).toBeNull();
  });

  it('rotate with an overlap', async () => {
    const caller = callerOf(await enrol());
    const old = await access.apiKeys.create(caller, send);
    const fresh = await access.apiKeys.rotate(caller, old.key.id, 3600);
    expect(await access.authenticateApiKey(old.secret, null)).not.toBeNull();
    expect(await access.authenticateApiKey(fresh.secret, null)).not.toBeNull();
    world.clock.advance(3601);
    expect(await access.authenticateApiKey(old.secret, null)).toBeNull();
    expect(await access.authenticateApiKey(fresh.secret, null)).not.toBeNull();
    await expect(access.apiKeys.rotate(caller, old.key.id, 0)).rejects.toEqual(refusal('wrong-state'));
    await access.apiKeys.rotate(caller, fresh.key.id, 0);
    expect(await access.authenticateApiKey(fresh.secret, null)).toBeNull();
  });

  it('do nothing in another organisation', async () => {
    const { key } = await access.apiKeys.create(callerOf(await enrol()), send);
    const stranger = callerOf(await enrol());
    await expect(access.apiKeys.revoke(stranger, key.id)).rejects.toEqual(refusal('not-found'));
    await expect(access.apiKeys.rotate(stranger, key.id, 0)).rejects.toEqual(refusal('not-found'));
    expect(await access.apiKeys.list(stranger, null, 10)).toEqual([]);
  });

  it('serve SMTP with their prefix as user name, when they may send', async () => {
    const caller = callerOf(await enrol());
    const { key, secret } = await access.apiKeys.create(caller, send);
    expect(await access.authenticateSmtp(key.prefix, secret, null)).not.toBeNull();
    expect(await access.authenticateSmtp('other', secret, null)).toBeNull();
    const reader = await access.apiKeys.create(caller, { ...send, permissions: ['messages:read'] });
    expect(await access.authenticateSmtp(reader.key.prefix, reader.secret, null)).toBeNull();
  });

  it('are not made, rotated or revoked when the audit cannot be written', async () => {
    const caller = callerOf(await enrol());
    const { key, secret } = await access.apiKeys.create(caller, send);
    world.audit.fails = true;
    await expect(access.apiKeys.create(caller, send)).rejects.toThrow('audit');
    await expect(access.apiKeys.rotate(caller, key.id, 0)).rejects.toThrow('audit');
    await expect(access.apiKeys.revoke(caller, key.id)).rejects.toThrow('audit');
    world.audit.fails = false;
    expect(await access.apiKeys.list(caller, null, 10)).toHaveLength(1);
    expect(await access.authenticateApiKey(secret, null)).not.toBeNull();
  });
});
