import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { NetworkProfile, TlsaLooked } from '#core/network';
import { contentOf, type KeptPolicy } from '#platform/net';
import { CANARY, MESSAGE, memoryStore, to, useSandbox } from './deliver-fixture.ts';

// Whatever a host shows, its domain publishes and our policy asks: no octet of content reaches a peer that did not prove
// itself in the way that is asked. The expectation below is written from the rules, not from the code.

const fixture = useSandbox();
const KINDS = ['tls12', 'wrong-cert', 'self-signed', 'expired'] as const;
const fingerprints = new Map<string, Buffer>();

beforeAll(async () => {
  const deliver = fixture.newDeliver();
  const tls = { minimum: '1.2', authentication: 'encrypted-only' } as const;
  for (const kind of KINDS) {
    const { transport } = await deliver.send(to(`${kind}.test`, { tls }));
    fingerprints.set(kind, Buffer.from(transport.certificateFingerprint ?? '', 'hex'));
  }
});

const cases = fc.record({
  kind: fc.constantFrom(...KINDS),
  startTls: fc.constantFrom('offered', 'offered', 'hidden', 'refused', 'injected'),
  tlsMaximum: fc.constantFrom('TLSv1.2', 'TLSv1.3', 'TLSv1'),
  policy: fc.constantFrom('none', 'listed', 'unlisted', 'testing'),
  tlsa: fc.constantFrom('none', 'none', 'match', 'mismatch', 'unusable', 'failed'),
  secure: fc.boolean(),
  asked: fc.constantFrom('verified', 'encrypted-only', 'opportunistic'),
  requireTls: fc.boolean(),
  offersRequireTls: fc.boolean(),
} as const);
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function tlsaOf({ kind, tlsa }: Case): TlsaLooked {
  const record = (usage: number, data: Buffer): TlsaLooked => ({
    kind: 'found',
    records: [{ usage, selector: 0, matching: 1, data }],
    base: `mx.${kind}.test`,
  });
  const own = fingerprints.get(kind) ?? Buffer.alloc(32);
  switch (tlsa) {
    case 'none':
    case 'failed':
      return { kind: tlsa };
    case 'match':
      return record(3, own);
    case 'mismatch':
      return record(3, Buffer.alloc(32, 9));
    case 'unusable':
      return record(1, own);
  }
}

function policyOf({ kind, policy }: Case): KeptPolicy | null {
  if (policy === 'none') return null;
  return {
    id: '1',
    mode: policy === 'testing' ? 'testing' : 'enforce',
    mx: [policy === 'listed' ? `mx.${kind}.test` : 'mail.elsewhere.test'],
    maxAge: 86_400,
    fetchedAt: new Date(),
    expiresAt: new Date(Date.now() + 86_400_000),
  };
}

/** What may reach the host: the message, at least the neutral notice, or nothing at all. */
function allowed(one: Case): { readonly message: boolean; readonly anything: boolean } {
  const nothing = { message: false, anything: false };
  const encrypted = one.startTls === 'offered' && one.tlsMaximum !== 'TLSv1';
  const tlsa = one.secure ? one.tlsa : 'none';
  if (tlsa === 'failed' || (tlsa === 'none' && one.policy === 'unlisted')) return nothing;
  const enforced = tlsa === 'none' && one.policy === 'listed';
  if (one.requireTls && (!one.offersRequireTls || !(one.secure || enforced))) return nothing;
  const identified = encrypted && (tlsa === 'match' || (tlsa !== 'mismatch' && one.kind === 'tls12'));
  const demanded = tlsa === 'match' || tlsa === 'mismatch' || enforced;
  if (one.asked === 'opportunistic') {
    return { message: identified, anything: demanded ? identified : tlsa === 'unusable' ? encrypted : true };
  }
  const must = demanded || one.asked === 'verified' || one.requireTls;
  return { message: must ? identified : encrypted, anything: must ? identified : encrypted };
}

describe('no octet of content reaches a peer that did not prove itself', () => {
  it('whatever host, domain and policy are like', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const peer = fixture.sandbox().peer(`mx.${one.kind}.test`);
        const { startTls, tlsMaximum, offersRequireTls } = one;
        const capabilities = ['PIPELINING', ...(offersRequireTls ? ['REQUIRETLS'] : [])];
        peer.behave({ startTls, tlsMaximum, capabilities });
        peer.record.forget();
        const { profile } = fixture.sandbox();
        const network: NetworkProfile = {
          ...profile,
          dane: { tlsa: async () => tlsaOf(one) },
          resolver: {
            ...profile.resolver,
            mx: async (domain) => ({ ...(await profile.resolver.mx(domain)), secure: one.secure }),
          },
        };
        const policies = memoryStore();
        const policy = policyOf(one);
        if (policy !== null) policies.kept.set(`${one.kind}.test`, policy);
        const deliver = fixture.newDeliver({ network: () => network, policies });
        const neutral = contentOf(Buffer.from('Subject: A message\r\n\r\nx\r\n'));
        // A notice never says REQUIRETLS; for it the message stands for the words that only a verified peer may read.
        const request =
          one.asked === 'opportunistic'
            ? to(`${one.kind}.test`, {
                tls: one.asked,
                content: neutral,
                verifiedContent: contentOf(MESSAGE),
              })
            : to(`${one.kind}.test`, {
                tls: { minimum: '1.2', authentication: one.asked },
                requireTls: one.requireTls,
              });
        await deliver.send(request);
        const may = allowed(one.asked === 'opportunistic' ? { ...one, requireTls: false } : one);
        const told = Buffer.concat([peer.clearBytes, peer.tlsBytes]).toString('latin1');
        expect([told.includes(CANARY), /MAIL FROM/.test(told)]).toEqual([may.message, may.anything]);
        if (may.message) expect(peer.clearBytes.toString('latin1')).not.toMatch(/canary|MAIL FROM/);
        await deliver.close();
      }),
      { numRuns: 300 },
    );
  }, 20_000);
});
