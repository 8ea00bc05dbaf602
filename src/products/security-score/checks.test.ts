import { describe, expect, it } from 'vitest';
import type { Looked } from '#core/network';
import { CHECKS, type Check, type DomainFacts, type Facts, scoreOf } from './checks.ts';
import { lookAtDomain } from './look-at-domain.ts';

const DOMAIN: DomainFacts = {
  name: 'clinic.example',
  dkim: true,
  spf: true,
  dmarc: true,
  mtaSts: true,
  proved: true,
};
const ADMIN = { administrator: true, passkey: true, canSignIn: true, since: new Date(0) };
const ALL_DONE: Facts = {
  now: new Date(1e12),
  live: true,
  ownTls: { http: true, smtp: true },
  trustedProxies: 0,
  addresses: { console: 'https://console.example', portal: 'https://portal.example' },
  validatingDns: true,
  rootKey: 'file',
  recoveryKitIssued: true,
  people: [ADMIN, ADMIN],
  domains: [DOMAIN],
  ...{ unusedAccounts: 0, weakFactors: 0, breachedList: true, unheardRules: 0 },
  channels: { active: 1, tested: 1 },
  auditYears: null,
  policy: { waivers: false, verified: true, lowering: false },
  apiKeys: { withoutExpiry: 0, withoutNetwork: 0 },
  attested: new Set(['backup', 'witness-elsewhere']),
};
const stateOf = (code: string, facts: Facts) =>
  scoreOf(facts).checks.find((one) => one.code === code)?.standing.state;

/** What opens each check, and it alone. */
const OPENS: Readonly<Record<string, Partial<Facts>>> = {
  live: { live: false },
  'addresses-https': { addresses: { console: 'https://c.example', portal: 'http://p.example' } },
  'listener-tls': { ownTls: { http: false, smtp: true } },
  'smtp-tls': { ownTls: { http: true, smtp: false } },
  'proxy-trust': { ownTls: { http: false, smtp: true } },
  'validating-dns': { validatingDns: false },
  'second-administrator': { people: [ADMIN, { ...ADMIN, canSignIn: false, since: new Date(1e12) }] },
  'administrators-passkey': { people: [ADMIN, { ...ADMIN, passkey: false }] },
  'open-invitations': { people: [ADMIN, ADMIN, { ...ADMIN, administrator: false, canSignIn: false }] },
  'demanded-factors': { weakFactors: 1 },
  'unused-accounts': { unusedAccounts: 2 },
  'breached-list': { breachedList: false },
  'alert-rules-heard': { unheardRules: 1 },
  'recovery-kit': { recoveryKitIssued: false },
  backup: { attested: new Set(['witness-elsewhere']) },
  'witness-elsewhere': { attested: new Set(['backup']) },
  'audit-retention': { auditYears: 5 },
  'alert-channel': { channels: { active: 1, tested: 0 } },
  'policy-no-clear': { policy: { ...ALL_DONE.policy, waivers: true } },
  'policy-verified': { policy: { ...ALL_DONE.policy, verified: false } },
  'policy-no-lowering': { policy: { ...ALL_DONE.policy, lowering: true } },
  'api-keys-expire': { apiKeys: { withoutExpiry: 1, withoutNetwork: 0 } },
  'api-keys-bound': { apiKeys: { withoutExpiry: 0, withoutNetwork: 1 } },
  'domain-proved': { domains: [DOMAIN, { ...DOMAIN, proved: false }] },
  'domain-dkim': { domains: [{ ...DOMAIN, dkim: false }] },
  'domain-spf': { domains: [{ ...DOMAIN, spf: false }] },
  'domain-dmarc': { domains: [{ ...DOMAIN, dmarc: false }] },
  'domain-mta-sts': { domains: [{ ...DOMAIN, mtaSts: false }] },
};

describe('the score', () => {
  it('is full where everything that applies is done, and has a way to open each check', () => {
    expect(scoreOf(ALL_DONE).percent).toBe(100);
    expect(Object.keys(OPENS).sort()).toEqual(CHECKS.map(({ code }) => code).sort());
  });

  it.each(Object.entries(OPENS))('%s opens where it should', (code, facts) => {
    expect(stateOf(code, ALL_DONE)).not.toBe('open');
    expect(stateOf(code, { ...ALL_DONE, ...facts })).toBe('open');
    expect(scoreOf({ ...ALL_DONE, ...facts }).percent).toBeLessThan(100);
  });

  it('counts what does not apply to neither side, and what nobody could look at as not done', () => {
    const silent = { ...ALL_DONE, domains: [{ ...DOMAIN, spf: null }] };
    expect(stateOf('domain-spf', silent)).toBe('unknown');
    expect(scoreOf(silent).percent).toBeLessThan(100);
    const sandbox = scoreOf({ ...ALL_DONE, live: false });
    expect(
      sandbox.checks.filter(({ standing }) => standing.state === 'not-applicable').length,
    ).toBeGreaterThan(4);
    expect(stateOf('recovery-kit', { ...ALL_DONE, rootKey: 'vault', recoveryKitIssued: false })).toBe(
      'not-applicable',
    );
    const weights: readonly Check[] = [
      { code: 'a', weight: 5, mend: null, look: () => ({ state: 'done' }) },
      { code: 'b', weight: 1, mend: null, look: () => ({ state: 'open' }) },
      { code: 'c', weight: 3, mend: null, look: () => ({ state: 'not-applicable' }) },
    ];
    expect(scoreOf(ALL_DONE, weights)).toMatchObject({ percent: 83, done: 5, applicable: 6 });
  });
});

describe('what a domain publishes', () => {
  const zone = (records: Readonly<Record<string, readonly string[] | 'failed'>>) => ({
    txt: (name: string): Promise<Looked<string>> => {
      const there = records[name];
      if (there === 'failed') return Promise.resolve({ kind: 'failed' } as Looked<string>);
      return Promise.resolve(
        (there ? { kind: 'found', records: there } : { kind: 'none' }) as Looked<string>,
      );
    },
  });
  const OUR = [{ name: 's._domainkey.d.example', value: 'v=DKIM1; k=ed25519; p=abc' }];

  it('is seen, blanks apart', async () => {
    const found = await lookAtDomain(
      zone({
        'd.example': ['other', 'v=spf1 mx -all'],
        '_dmarc.d.example': ['v=DMARC1; p=reject; rua=x'],
        '_mta-sts.d.example': ['v=STSv1; id=1'],
        's._domainkey.d.example': ['v=DKIM1;k=ed25519;p=abc'],
      }),
      'd.example',
      OUR,
    );
    expect(found).toEqual({ spf: true, dmarc: true, mtaSts: true, dkim: true });
  });

  it('is not enough where it lets everybody send, asks for nothing, or holds another key', async () => {
    const found = await lookAtDomain(
      zone({
        'd.example': ['v=spf1 mx ?all'],
        '_dmarc.d.example': ['v=DMARC1; p=none; sp=reject'],
        's._domainkey.d.example': ['v=DKIM1; k=ed25519; p=other'],
      }),
      'd.example',
      OUR,
    );
    expect(found).toEqual({ spf: false, dmarc: false, mtaSts: false, dkim: false });
  });

  it('is unknown where name servers are silent', async () => {
    const found = await lookAtDomain(
      zone({ 'd.example': 'failed', 's._domainkey.d.example': 'failed' }),
      'd.example',
      OUR,
    );
    expect([found.spf, found.dkim, found.dmarc]).toEqual([null, null, false]);
  });
});
