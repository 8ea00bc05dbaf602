import { createHash, type X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TlsaRecord } from '#core/network';
import { readCertificate } from './certificate-der.ts';
import { type Issued, issue } from './certificates-fixture.ts';
import { daneVerifier } from './dane-verifier.ts';
import { namesCertificate, usableRecords } from './tlsa.ts';
import type { PeerEvidence } from './verify-peer.ts';

const HOST = 'mx.clinic.test';
const SERVER_USE = '1.3.6.1.5.5.7.3.1';
const CLIENT_USE = '1.3.6.1.5.5.7.3.2';
const NAME_CONSTRAINTS = '2.5.29.30';
const UNKNOWN = '1.2.3.4.5';

let root: Issued;
let middle: Issued;
let leaf: Issued;
beforeAll(async () => {
  root = await issue({ name: 'root', authority: true });
  middle = await issue({ name: 'middle', issuer: root, authority: true, pathLength: 0 });
  leaf = await issue({ name: 'leaf', issuer: middle, names: [HOST], extendedUsages: [SERVER_USE] });
});

const sha256 = (octets: Buffer): Buffer => createHash('sha256').update(octets).digest();
const sha512 = (octets: Buffer): Buffer => createHash('sha512').update(octets).digest();
const spki = ({ publicKey }: X509Certificate): Buffer => publicKey.export({ type: 'spki', format: 'der' });

/** Usage, selector and matching type with the data that they ask for. */
function record(usage: number, selector: number, matching: number, { certificate }: Issued): TlsaRecord {
  const selected = selector === 0 ? certificate.raw : spki(certificate);
  const data = matching === 0 ? selected : matching === 1 ? sha256(selected) : sha512(selected);
  return { usage, selector, matching, data };
}

function evidence(chain: readonly Issued[], change: Partial<PeerEvidence> = {}): PeerEvidence {
  const certificates = chain.map(({ certificate }) => certificate);
  const [certificate] = certificates;
  if (certificate === undefined) throw new Error('a chain has a certificate');
  return {
    host: HOST,
    certificate,
    chain: certificates,
    chainError: 'SELF_SIGNED_CERT_IN_CHAIN',
    at: new Date(),
    ...change,
  };
}

const judge = (records: readonly TlsaRecord[], seen: PeerEvidence, alsoNames: readonly string[] = []) =>
  daneVerifier({ records, base: HOST, alsoNames }).verify(seen);
const VERIFIED = { kind: 'verified', by: 'dane' };

describe('usable TLSA records', () => {
  it.each([
    [0, 0, 1, 32, false],
    [1, 1, 1, 32, false],
    [2, 0, 1, 32, true],
    [2, 1, 2, 64, true],
    [3, 1, 1, 32, true],
    [3, 0, 0, 700, true],
    [3, 1, 0, 0, false],
    [3, 1, 1, 31, false],
    [3, 1, 2, 32, false],
    [3, 2, 1, 32, false],
    [3, 1, 3, 32, false],
    [4, 1, 1, 32, false],
    [255, 255, 255, 32, false],
  ])('%i %i %i with %i octets: %s', (usage, selector, matching, length, usable) => {
    const one = { usage, selector, matching, data: Buffer.alloc(length, 7) };
    expect(usableRecords([one])).toEqual(usable ? [one] : []);
  });

  it('a weaker digest does not count beside a stronger one of the same usage and selector', () => {
    const weak = { usage: 3, selector: 1, matching: 1, data: Buffer.alloc(32) };
    const strong = { usage: 3, selector: 1, matching: 2, data: Buffer.alloc(64) };
    const other = { usage: 3, selector: 0, matching: 1, data: Buffer.alloc(32) };
    const whole = { usage: 3, selector: 1, matching: 0, data: Buffer.alloc(9) };
    expect(usableRecords([weak, strong, other, whole])).toEqual([strong, other, whole]);
  });
});

describe('matching', () => {
  const every = [0, 1].flatMap((selector) => [0, 1, 2].map((matching) => [selector, matching] as const));
  it.each(every)('selector %i, type %i names its certificate and no other', (selector, matching) => {
    const one = record(3, selector, matching, leaf);
    expect(namesCertificate(one, leaf.certificate)).toBe(true);
    expect(namesCertificate(one, middle.certificate)).toBe(false);
  });

  it('reads the key as it stands in the certificate', () => {
    for (const { certificate } of [root, middle, leaf]) {
      expect(readCertificate(certificate.raw)?.publicKeyInfo.equals(spki(certificate))).toBe(true);
    }
    expect(readCertificate(middle.certificate.raw)).toMatchObject({ pathLength: 0, constrained: false });
  });

  it('never throws on what is no certificate', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat({ max: 700 }),
        fc.nat({ max: 255 }),
        (noise, at, octet) => {
          readCertificate(Buffer.from(noise));
          const bent = Buffer.from(leaf.certificate.raw);
          bent[at % bent.length] = octet;
          readCertificate(bent);
          readCertificate(bent.subarray(0, at % bent.length));
        },
      ),
    );
  });
});

describe('DANE-EE', () => {
  it('takes the named key, whatever names, dates and signers say', async () => {
    const alone = await issue({ name: 'x', names: ['elsewhere.test'], expired: true });
    expect(judge([record(3, 1, 1, alone)], evidence([alone]))).toEqual(VERIFIED);
  });

  it('takes the one that is named among several: a roll-over', () => {
    expect(judge([record(3, 1, 1, middle), record(3, 1, 1, leaf)], evidence([leaf]))).toEqual(VERIFIED);
  });

  it('refuses another certificate, though a public authority vouches for it', () => {
    const seen = evidence([leaf, middle, root], { chainError: null });
    expect(judge([record(3, 1, 1, root)], seen)).toEqual({ kind: 'failed', code: 'dane-mismatch' });
  });

  it('never verifies by records that name something else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(2, 3),
        fc.constantFrom(0, 1),
        fc.constantFrom(1, 2),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        (usage, selector, matching, noise) => {
          const data = Buffer.from(noise).subarray(0, matching === 1 ? 32 : 64);
          const verdict = judge(
            [{ usage, selector, matching, data }],
            evidence([leaf, middle, root], { chainError: null }),
          );
          expect(verdict).toEqual({ kind: 'failed', code: 'dane-mismatch' });
        },
      ),
    );
  });
});

describe('DANE-TA', () => {
  const byRoot = () => [record(2, 0, 1, root)];

  it.each([
    ['the root', () => [record(2, 0, 1, root)]],
    ['the root’s key', () => [record(2, 1, 2, root)]],
    ['the authority in the middle', () => [record(2, 1, 1, middle)]],
  ])('%s vouches for a chain with the right name', (_what, records) => {
    expect(judge(records(), evidence([leaf, middle, root]))).toEqual(VERIFIED);
  });

  it('the certificate may carry the domain’s own name or another allowed one', async () => {
    const named = await issue({ name: 'leaf', issuer: middle, names: ['*.clinic.test'] });
    expect(judge(byRoot(), evidence([named, middle, root]))).toEqual(VERIFIED);
    const domain = await issue({ name: 'leaf', issuer: middle, names: ['clinic.test'] });
    expect(judge(byRoot(), evidence([domain, middle, root]), ['clinic.test'])).toEqual(VERIFIED);
    expect(judge(byRoot(), evidence([domain, middle, root]))).toEqual({
      kind: 'failed',
      code: 'certificate-wrong-name',
    });
  });

  it.each([
    ['a chain that ends below it', async () => [leaf, middle], 'dane-mismatch'],
    [
      'an expired certificate',
      async () => [await issue({ name: 'l', issuer: middle, names: [HOST], expired: true }), middle, root],
      'certificate-expired',
    ],
    [
      'an expired authority in the middle',
      async () => {
        const old = await issue({ name: 'old', issuer: root, authority: true, expired: true });
        return [await issue({ name: 'l', issuer: old, names: [HOST] }), old, root];
      },
      'certificate-expired',
    ],
    [
      'a signature of somebody with the same name',
      async () => {
        const forger = await issue({ name: 'middle', authority: true });
        return [await issue({ name: 'l', issuer: forger, names: [HOST] }), middle, root];
      },
      'certificate-untrusted',
    ],
    [
      'a certificate that is no authority in the middle',
      async () => {
        const plain = await issue({ name: 'plain', issuer: middle, names: ['attacker.test'] });
        return [await issue({ name: 'l', issuer: plain, names: [HOST] }), plain, middle, root];
      },
      'certificate-untrusted',
    ],
    [
      'a path longer than allowed',
      async () => {
        const deeper = await issue({ name: 'deeper', issuer: middle, authority: true });
        return [await issue({ name: 'l', issuer: deeper, names: [HOST] }), deeper, middle, root];
      },
      'certificate-untrusted',
    ],
    [
      'an authority that may not sign certificates',
      async () => {
        const mute = await issue({ name: 'mute', issuer: root, authority: true, keyUsage: 1 });
        return [await issue({ name: 'l', issuer: mute, names: [HOST] }), mute, root];
      },
      'certificate-untrusted',
    ],
    [
      'an authority with constrained names',
      async () => {
        const extension = { oid: NAME_CONSTRAINTS, critical: false };
        const bound = await issue({ name: 'bound', issuer: root, authority: true, extension });
        return [await issue({ name: 'l', issuer: bound, names: [HOST] }), bound, root];
      },
      'certificate-untrusted',
    ],
    [
      'a critical extension that nobody knows',
      async () => {
        const extension = { oid: UNKNOWN, critical: true };
        return [await issue({ name: 'l', issuer: middle, names: [HOST], extension }), middle, root];
      },
      'certificate-untrusted',
    ],
    [
      'a certificate for clients',
      async () => [
        await issue({ name: 'l', issuer: middle, names: [HOST], extendedUsages: [CLIENT_USE] }),
        middle,
        root,
      ],
      'certificate-untrusted',
    ],
  ])('refuses %s', async (_what, chain, code) => {
    expect(judge(byRoot(), evidence(await chain()))).toEqual({ kind: 'failed', code });
  });

  it('an unknown extension that is not critical does not matter', async () => {
    const extension = { oid: UNKNOWN, critical: false };
    const odd = await issue({ name: 'l', issuer: middle, names: [HOST], extension });
    expect(judge(byRoot(), evidence([odd, middle, root]))).toEqual(VERIFIED);
  });

  it('the server’s own certificate is not its authority', async () => {
    const alone = await issue({ name: 'x', names: [HOST], authority: true });
    expect(judge([record(2, 0, 1, alone)], evidence([alone]))).toEqual({
      kind: 'failed',
      code: 'dane-mismatch',
    });
  });
});

describe('the key under which connections are shared', () => {
  const key = (records: readonly TlsaRecord[], base = HOST, alsoNames: readonly string[] = []) =>
    daneVerifier({ records, base, alsoNames }).key;

  it('is the same for the same records in another order, and for nothing else', () => {
    const [one, two] = [record(3, 1, 1, leaf), record(3, 1, 1, middle)];
    expect(key([one, two])).toBe(key([two, one]));
    const others = [key([one]), key([two]), key([one], 'mx2.clinic.test'), key([one], HOST, ['other.test'])];
    expect(new Set([key([one, two]), ...others]).size).toBe(5);
  });

  it('and the name asked for in the handshake is the one that the records stand at', () => {
    expect(daneVerifier({ records: [record(3, 1, 1, leaf)], base: 'a.test', alsoNames: [] }).serverName).toBe(
      'a.test',
    );
  });
});
