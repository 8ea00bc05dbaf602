import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessForTest } from '../../../test/support/access.ts';
import { type Access, createAccess } from './access.ts';

let world: Awaited<ReturnType<typeof accessForTest>>;
let access: Access;

beforeAll(async () => {
  world = await accessForTest();
  access = createAccess(world.ports);
  await access.installation.ensure();
});
afterAll(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });

describe('the set-up token', () => {
  it('is good once, only the newest, and for a day', async () => {
    const other = await accessForTest();
    const door = createAccess(other.ports).installation;
    const first = await door.issueSetupToken();
    const second = await door.issueSetupToken();
    if (first === null || second === null) throw new Error('no token');
    expect(await door.setupTokenMatches(first)).toBe(false);
    expect(await door.setupTokenMatches(second)).toBe(true);
    const finish = () =>
      other.ports.database.system('app', (tx) => door.finishSetup(tx, { consoleUrl: null, portalUrl: null }));
    await finish();
    expect(await door.setupTokenMatches(second)).toBe(false);
    expect(await door.issueSetupToken()).toBeNull();
    await expect(finish()).rejects.toEqual(refusal('wrong-state'));
    await other.close();
  });

  it('is over after a day', async () => {
    const token = await access.installation.issueSetupToken();
    if (token === null) throw new Error('no token');
    expect(await access.installation.setupTokenMatches(token)).toBe(true);
    world.clock.advance(86_401);
    expect(await access.installation.setupTokenMatches(token)).toBe(false);
  });
});

describe('the sweep', () => {
  it('removes tries and ceremonies that are over', async () => {
    const address = { local: 'ghost', domain: 'clinic.test' };
    const from = { origin: { address: '192.0.2.1', channel: 'console' }, request: null } as const;
    const wrong = access.signIn.begin({ address, passphrase: 'wrong wrong wrong' }, from);
    await expect(wrong).rejects.toEqual(refusal('not-authenticated'));
    const purpose = {
      kind: 'setup',
      organisationName: 'C',
      displayName: 'P',
      address,
      passphraseHash: 'x',
    } as const;
    const { ceremony } = await access.enrolment.begin({ ...purpose, consoleUrl: null, portalUrl: null });
    expect(await access.sweep()).toBe(0);
    world.clock.advance(2 * 86_400);
    // The tries of the account and of the network, what the person would be told of, the ceremony.
    expect(await access.sweep()).toBe(4);
    expect(await access.sweep()).toBe(0);
    await expect(access.enrolment.totpOptions(ceremony)).rejects.toEqual(refusal('gone'));
  });
});
