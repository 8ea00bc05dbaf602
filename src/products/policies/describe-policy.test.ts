import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '#core/policy';
import { comparePolicies, describePolicy } from './describe-policy.ts';
import { completed, normalise, type PolicyDocument, unreadableAddresses } from './policy-document.ts';
import { policyWarnings } from './policy-warnings.ts';

const { version: _, ...DEFAULT } = DEFAULT_POLICY;
const policy = (over: Partial<PolicyDocument> = {}): PolicyDocument => ({ ...DEFAULT, ...over });
const silent = { methods: null, tls: null, exclusive: null };
const portal = { ...silent, methods: ['portal'] as const };

describe('a policy described', () => {
  it('says every part once, under a key of its own', () => {
    const whole = policy({
      streams: [{ ...portal, stream: 'marketing' }],
      domains: [{ ...portal, domain: 'a.test' }],
      recipients: [{ ...portal, address: 'x@a.test' }],
    });
    const keys = describePolicy(whole).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const name of Object.keys(whole)) {
      if (name !== 'triggers') expect(keys.some((key) => key.startsWith(name))).toBe(true);
    }
  });

  it('compared with another shows what is new, gone and changed, and nothing else', () => {
    const before = policy({ domains: [{ ...portal, domain: 'a.test' }] });
    const after = policy({ domains: [{ ...portal, domain: 'b.test' }], giveUpDays: 2 });
    const found = comparePolicies(before, after).map((one) => [one.key, one.before?.code, one.after?.code]);
    expect(found).toEqual([
      ['domains.b.test', undefined, 'domain-rule'],
      ['giveUpDays', 'give-up', 'give-up'],
      ['domains.a.test', 'domain-rule', undefined],
    ]);
    expect(comparePolicies(after, policy({ ...after }))).toEqual([]);
  });

  it('of an earlier version of the document has no streams', () => {
    const { streams, ...old } = DEFAULT;
    expect(streams).toEqual([]);
    expect(completed(old)).toEqual(DEFAULT);
  });
});

describe('warnings', () => {
  const found = (over: Partial<PolicyDocument>): string[] =>
    policyWarnings(policy(over)).map(({ path, code }) => `${path} ${code}`);

  it('are none for a new organisation', () => expect(found({})).toEqual([]));

  it('name what is risky', () => {
    const tls = { minimum: '1.2', authentication: 'encrypted-only' } as const;
    expect(
      found({
        tls,
        waivers: { enabled: true, highestClass: 'ordinary' },
        triggers: { raise: [], lower: ['[plain]'], lowering: true },
        portalExpiryDays: 91,
        streams: [{ ...silent, stream: 'business', tls }],
      }),
    ).toEqual([
      'tls tls-not-verified',
      'waivers waivers-on',
      'triggers.lower lowering-on',
      'portalExpiryDays long-expiry',
      'streams.0.tls tls-not-verified',
      'streams.0 rule-changes-nothing',
    ]);
    expect(found({ methods: ['tls'], exclusive: true })).toEqual(['exclusive high-never-delivered']);
    expect(found({ methods: ['tls', 'pdf'], exclusive: true })).toEqual(['exclusive may-not-deliver']);
  });

  it('name rules that are idle, and a wider rule that is passed over', () => {
    expect(
      found({
        streams: [{ ...silent, stream: 'business', exclusive: true }],
        domains: [
          { ...portal, domain: '*.a.test' },
          { ...silent, domain: 'b.a.test', exclusive: false },
          { ...silent, domain: 'c.test', methods: ['tls', 'portal'] },
        ],
        recipients: [{ ...silent, address: 'x@a.test' }],
      }),
    ).toEqual([
      'domains.1 wider-rule-not-asked',
      'domains.2 rule-changes-nothing',
      'recipients.0 rule-says-nothing',
    ]);
  });
});

describe('a document as it is stored', () => {
  it('has its rules in the form that facts carry, and names addresses that are none', () => {
    const given = policy({
      domains: [{ ...portal, domain: ' Clinic.TEST. ' }],
      recipients: [
        { ...portal, address: 'Anna@Clinic.TEST' },
        { ...portal, address: 'x@bad domain' },
      ],
    });
    const stored = normalise(given);
    expect(stored.domains[0]?.domain).toBe('clinic.test');
    expect(stored.recipients[0]?.address).toBe('anna@clinic.test');
    expect(unreadableAddresses(stored)).toEqual(['recipients.1.address']);
  });
});
