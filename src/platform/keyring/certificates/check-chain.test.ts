import { describe, expect, it } from 'vitest';
import { OID } from '../der/oids.ts';
import { type Made, makeAuthority, makeCertificate, newKeyPair, type Wanted } from './certificate-fixture.ts';
import { type CheckRequest, checkCertificate } from './check-chain.ts';

const ADDRESS = 'erika@example.test';
const root = makeAuthority();
const rsa = newKeyPair('rsa');
const day = (count: number) => new Date(Date.now() + count * 86_400_000);

/** Erika's certificate, good but for what the case changes. */
const erika = (change: Partial<Wanted> = {}, keys = newKeyPair(change.key ?? 'P-256')): Made =>
  makeCertificate({ name: 'Erika', issuer: root, emails: [ADDRESS], ...change }, keys);

function verdict(made: Made, change: Partial<CheckRequest> = {}): string {
  const checked = checkCertificate({
    certificate: made.certificate,
    others: [],
    anchors: [root.certificate],
    address: ADDRESS,
    purpose: 'encrypt',
    at: new Date(),
    ...change,
  });
  return checked.kind === 'trusted' ? 'trusted' : [checked.code, checked.reason].filter(Boolean).join(' ');
}

describe('a certificate that protects', () => {
  const middle = makeAuthority('Middle', { issuer: root, authority: { depth: 0 } });
  it.each<readonly [string, Made, Partial<CheckRequest>]>([
    ['elliptic, under the root', erika(), {}],
    ['RSA', erika({ key: 'rsa' }, rsa), {}],
    ['without purposes, which allows any', erika({ purposes: null }), {}],
    ['for any purpose', erika({ purposes: [OID.anyUsage] }), {}],
    ['without usage, which allows any', erika({ usage: null }), {}],
    ['its address in other letters', erika({ emails: ['other@x.test', 'Erika@Example.TEST'] }), {}],
    ['with an authority in between', erika({ issuer: middle }), { others: [middle.certificate] }],
    ['trusted by itself', erika({ issuer: makeAuthority('Nobody') }), {}],
  ])('%s', (name, made, change) => {
    const anchors = name === 'trusted by itself' ? [made.certificate] : [root.certificate];
    expect(verdict(made, { anchors, ...change })).toBe('trusted');
  });
});

describe('a certificate that must not be used', () => {
  const stranger = makeAuthority('Stranger');
  // The same name as the trusted root, another key: a substituted authority.
  const impostor = makeAuthority('Root');
  const noAuthority = makeCertificate({ name: 'Not one', issuer: root, usage: ['keyCertSign'] });
  const low = makeAuthority('Low', { issuer: root, authority: { depth: 0 } });
  const lower = makeAuthority('Lower', { issuer: low });
  const noSigning = makeAuthority('No signing', { issuer: root, usage: ['cRLSign'] });
  const old = makeAuthority('Old', { issuer: root, to: day(-1) });
  const web = makeAuthority('Web only', { issuer: root, purposes: ['1.3.6.1.5.5.7.3.1'] });
  const bound = makeAuthority('Bound', { issuer: root, permitted: ['.clinic.test', 'clinic.test'] });
  const barred = makeAuthority('Barred', { issuer: root, excluded: ['example.test'] });
  const under = (issuer: Made, ...others: Made[]): [Made, Partial<CheckRequest>] => [
    erika({ issuer }),
    { others: [issuer, ...others].map(({ certificate }) => certificate) },
  ];

  const cases: readonly (readonly [string, string, Made, Partial<CheckRequest>?])[] = [
    ['expired', 'key-expired', erika({ to: day(-1) })],
    ['not yet valid', 'key-unusable not-yet-valid', erika({ from: day(1) })],
    ['for servers only', 'key-unusable wrong-usage', erika({ purposes: ['1.3.6.1.5.5.7.3.1'] })],
    ['for signing only', 'key-unusable wrong-usage', erika({ usage: ['digitalSignature'] })],
    ['RSA that only agrees', 'key-unusable wrong-usage', erika({ key: 'rsa', usage: ['keyAgreement'] }, rsa)],
    [
      'signed with SHA-1',
      'key-unusable weak-signature',
      erika({ hash: 'sha1', issuer: makeAuthority('R', { key: 'rsa' }), key: 'rsa' }, rsa),
    ],
    ['RSA of 1024 bits', 'key-unusable weak-key', erika({ key: 'rsa-1024' })],
    ['of somebody else', 'key-unusable other-address', erika({ emails: ['eve@example.test'] })],
    ['of nobody', 'key-unusable other-address', erika({ emails: [] })],
    ['with a critical extension nobody knows', 'key-unusable unknown-extension', erika({ strange: true })],
    ['from a stranger', 'key-untrusted', erika({ issuer: stranger })],
    [
      'from an impostor with a key of another kind',
      'key-untrusted',
      ...under(makeAuthority('Root', { key: 'rsa' })),
    ],
    ['from a stranger who comes along', 'key-untrusted', ...under(stranger)],
    ['from an impostor with the root’s name', 'key-untrusted', ...under(impostor)],
    ['self-signed', 'key-untrusted', makeCertificate({ name: 'Erika', emails: [ADDRESS] })],
    ['from a certificate that is no authority', 'key-untrusted', ...under(noAuthority)],
    ['from an authority too deep', 'key-untrusted', ...under(lower, low)],
    ['from an authority that may not sign certificates', 'key-untrusted', ...under(noSigning)],
    ['from an expired authority', 'key-untrusted', ...under(old)],
    ['from an authority for other purposes', 'key-untrusted', ...under(web)],
    ['outside the names its authority may vouch for', 'key-untrusted', ...under(bound)],
    ['inside the names its authority may not vouch for', 'key-untrusted', ...under(barred)],
  ];
  it.each(cases.map(([name, expected, made, change = {}]) => ({ name, expected, made, change })))(
    '$name: $expected',
    ({ expected, made, change }) => {
      expect(verdict(made, change)).toBe(expected);
    },
  );

  it('is also refused where only the purpose differs: signing', () => {
    const sealing = erika({ usage: ['keyAgreement'] });
    expect(verdict(sealing, { purpose: 'sign', address: null })).toBe('key-unusable wrong-usage');
    expect(verdict(erika({ usage: ['digitalSignature'] }), { purpose: 'sign', address: null })).toBe(
      'trusted',
    );
  });

  it('does not search a tangle of cross-certificates without end', () => {
    const keys = newKeyPair('P-256');
    const tangle = Array.from({ length: 40 }, () =>
      makeCertificate(
        {
          name: 'Knot',
          issuer: makeKnot(keys),
          authority: { depth: null },
          usage: ['keyCertSign'],
          purposes: null,
        },
        keys,
      ),
    );
    const lost = erika({ issuer: makeKnot(keys) });
    const others = tangle.map(({ certificate }) => certificate);
    const began = performance.now();
    expect(verdict(lost, { others })).toBe('key-untrusted');
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

function makeKnot(keys: ReturnType<typeof newKeyPair>): Made {
  return makeCertificate(
    { name: 'Knot', authority: { depth: null }, usage: ['keyCertSign'], purposes: null },
    keys,
  );
}
