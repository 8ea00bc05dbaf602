import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, PERMISSIONS } from '#core/actor';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { Looked } from '#core/network';
import { newId } from '#platform/runtime';
import { accessForTest } from '../../../test/support/access.ts';
import { createSecurityScore, type SecurityScorePorts } from './security-score.ts';

let world: Awaited<ReturnType<typeof accessForTest>>;
let published: readonly string[] | 'failed' = [];
let asked = 0;
const organisation = newId() as OrganisationId;
const caller: Caller = {
  organisation,
  actor: { kind: 'person', identity: newId() as IdentityId, session: newId() as SessionId },
  origin: { address: null, channel: 'console' },
  permissions: new Set(PERMISSIONS),
  request: 'test',
};

beforeAll(async () => {
  world = await accessForTest();
});
afterAll(() => world.close());

function scores(over: Partial<SecurityScorePorts> = {}) {
  const { database, audit, clock } = world.ports;
  return createSecurityScore({
    ...{ database, audit, clock },
    live: () => true,
    domains: () => Promise.resolve([{ name: 'clinic.example', dkim: [] }]),
    resolver: () => ({
      txt: () => {
        asked += 1;
        if (published === 'failed') return Promise.resolve({ kind: 'failed' } as Looked<string>);
        return Promise.resolve({ kind: 'found', records: published } as Looked<string>);
      },
    }),
    facts: () =>
      Promise.resolve({
        ...{ live: true, ownTls: { http: true, smtp: true }, trustedProxies: 0, validatingDns: true },
        ...{
          addresses: { console: 'https://c', portal: 'https://p' },
          rootKey: 'file',
          recoveryKitIssued: true,
        },
        ...{ people: [], channels: { active: 0, tested: 0 }, auditYears: null },
        ...{ unusedAccounts: 0, weakFactors: 0, breachedList: true, unheardRules: 0 },
        policy: { waivers: false, verified: true, lowering: false },
        apiKeys: { withoutExpiry: 0, withoutNetwork: 0 },
      }),
    ...over,
  });
}
const standing = async (code: string) => {
  const found = await scores().score(caller);
  return found.checks.find((one) => one.code === code)?.standing.state;
};

describe('a domain', () => {
  it('is proved by its own record, stays so while DNS is silent, and is not any more when the record goes', async () => {
    const [first] = await scores().domainProofs(caller);
    const [again] = await scores().domainProofs(caller);
    expect(first?.record.name).toBe('_sealpost.clinic.example');
    expect(again?.record).toEqual(first?.record);
    published = ['sealpost-domain=of-somebody-else'];
    expect((await scores().checkDomain(caller, 'clinic.example')).outcome).toBe('not-found');
    expect(await standing('domain-proved')).toBe('open');
    published = ['v=spf1 -all', first?.record.value ?? ''];
    expect((await scores().checkDomain(caller, 'clinic.example')).provedAt).not.toBeNull();
    expect(await standing('domain-proved')).toBe('done');
    published = 'failed';
    await scores().checkDomains(organisation);
    expect(await standing('domain-proved')).toBe('done');
    published = [];
    await scores().checkDomains(organisation);
    expect(await standing('domain-proved')).toBe('open');
    await expect(scores().checkDomain(caller, 'other.example')).rejects.toThrow('not-found');
  });

  it('of the sandbox is nobody’s, and DNS is asked once a minute for a page that is looked at often', async () => {
    await expect(scores({ live: () => false }).checkDomain(caller, 'clinic.example')).rejects.toThrow(
      'wrong-state',
    );
    const one = scores();
    asked = 0;
    await one.score(caller);
    const once = asked;
    await one.score(caller);
    expect(once).toBeGreaterThan(0);
    expect(asked).toBe(once);
  });
});

describe('an attestation', () => {
  it('counts with name and date, for what a program cannot see alone, until it is withdrawn', async () => {
    expect(await standing('backup')).toBe('open');
    await expect(scores().attest(caller, 'second-administrator')).rejects.toThrow('not-found');
    await scores().attest(caller, 'backup');
    expect(await standing('backup')).toBe('done');
    const { attestations } = await scores().score(caller);
    expect(attestations).toMatchObject([{ code: 'backup', attested_by: caller.actor }]);
    const other = { ...caller, organisation: newId() as OrganisationId };
    expect((await scores().score(other)).attestations).toEqual([]);
    await scores().withdraw(caller, 'backup');
    expect(await standing('backup')).toBe('open');
  });
});
