import { describe, expect, it } from 'vitest';
import type { NetworkProfile, TlsaLooked } from '#core/network';
import { contentOf, type KeptPolicy } from '#platform/net';
import { expectUntold, memoryStore, to, useSandbox } from './deliver-fixture.ts';
import type { SendRequest, TlsResult } from './index.ts';

const fixture = useSandbox();

const notice = (domain: string): SendRequest =>
  to(domain, {
    tls: 'opportunistic',
    envelopeFrom: null,
    content: contentOf(Buffer.from('Subject: A message\r\n\r\nx\r\n')),
    verifiedContent: contentOf(Buffer.from('Subject: From your clinic\r\n\r\nx\r\n')),
  });
const encryptedOnly = { minimum: '1.2', authentication: 'encrypted-only' } as const;

function policy(change: Partial<KeptPolicy> = {}): KeptPolicy {
  return {
    id: 'old',
    mode: 'enforce',
    mx: ['mail.elsewhere.test'],
    maxAge: 86_400,
    fetchedAt: new Date(),
    expiresAt: new Date(Date.now() + 86_400_000),
    ...change,
  };
}

describe('DANE', () => {
  it.each([
    ['dane.test', 'mx.dane.test', 'a self-signed certificate whose key is named'],
    ['dane-expired.test', 'mx.dane-expired.test', 'an expired certificate: with DANE-EE dates do not matter'],
    ['dane-authority.test', 'mx.dane-authority.test', 'the authority is named'],
    ['dane-alias.test', 'mx.dane-alias.test', 'the host is a signed alias of the one that has the records'],
  ])('%s is verified: %#', async (domain, host) => {
    expect(await fixture.deliver().send(to(domain))).toMatchObject({
      kind: 'delivered',
      transport: { host, authenticatedBy: 'dane' },
    });
  });

  it('a certificate that the records do not name is refused, though its chain and name are good', async () => {
    for (const request of [to('dane-wrong.test'), to('dane-wrong.test', { tls: encryptedOnly })]) {
      expect(await fixture.deliver().send(request)).toMatchObject({
        kind: 'protection-unavailable',
        failure: { method: 'tls', code: 'dane-mismatch', parameters: { host: 'mx.dane-wrong.test' } },
        transport: { authenticatedBy: 'none' },
      });
    }
    expect(await fixture.deliver().send(notice('dane-wrong.test'))).toMatchObject({
      kind: 'protection-unavailable',
    });
    expectUntold(fixture.sandbox().peer('mx.dane-wrong.test'));
  });

  it('where STARTTLS was stripped nothing goes out, not even a notice', async () => {
    for (const request of [to('dane-stripped.test'), notice('dane-stripped.test')]) {
      expect(await fixture.deliver().send(request)).toMatchObject({
        kind: 'protection-unavailable',
        failure: { code: 'tls-not-offered', parameters: { policy: 'tlsa' } },
      });
    }
    expectUntold(fixture.sandbox().peer('mx.dane-stripped.test'));
  });

  it('answers that fail validation defer, and the host is not even connected to', async () => {
    for (const request of [to('dane-bogus.test'), notice('dane-bogus.test')]) {
      expect(await fixture.deliver().send(request)).toMatchObject({
        kind: 'deferred',
        code: 'dnssec-failed',
      });
    }
    expect(fixture.sandbox().peer('mx.dane-bogus.test').record.connections).toBe(0);
  });

  it('unusable records commit to TLS, and verified still means certificate and name', async () => {
    const peer = fixture.sandbox().peer('mx.dane-unusable.test');
    expect(await fixture.deliver().send(to('dane-unusable.test'))).toMatchObject({
      kind: 'delivered',
      transport: { authenticatedBy: 'pkix' },
    });
    peer.record.forget();
    peer.behave({ startTls: 'hidden' });
    const fresh = fixture.newDeliver();
    expect(await fresh.send(notice('dane-unusable.test'))).toMatchObject({
      failure: { code: 'tls-not-offered' },
    });
    expectUntold(peer);
    peer.behave({ startTls: 'offered' });
    // A notice may go to a host that nobody vouches for, inside TLS, in neutral words.
    const untrusting = { ...fixture.sandbox().profile, extraRoots: [] };
    const sent = await fixture.newDeliver({ network: () => untrusting }).send(notice('dane-unusable.test'));
    expect(sent).toMatchObject({
      kind: 'delivered',
      transport: { tlsVersion: 'TLSv1.3', authenticatedBy: 'none' },
    });
    const refused = await fixture.newDeliver({ network: () => untrusting }).send(to('dane-unusable.test'));
    expect(refused).toMatchObject({ failure: { code: 'certificate-untrusted' } });
  });

  it('a connection kept in clear is not used once the host is committed to TLS', async () => {
    const peer = fixture.sandbox().peer('mx.dane-unusable.test');
    let looked: TlsaLooked = { kind: 'none' };
    const network = { ...fixture.sandbox().profile, dane: { tlsa: async () => looked } };
    const deliver = fixture.newDeliver({ network: () => network });
    peer.behave({ startTls: 'hidden' });
    try {
      expect(await deliver.send(notice('dane-unusable.test'))).toMatchObject({
        kind: 'delivered',
        transport: { tlsVersion: null },
      });
      expect(deliver.stats()).toMatchObject({ idle: 1 });
      looked = { kind: 'found', records: [], base: 'mx.dane-unusable.test' };
      expect(await deliver.send(notice('dane-unusable.test'))).toMatchObject({
        failure: { code: 'tls-not-offered' },
      });
      expect(peer.record.messages).toBe(1);
    } finally {
      peer.behave({ startTls: 'offered' });
    }
  });

  it('records of a host that an unsigned domain names do not count', async () => {
    expect(await fixture.deliver().send(to('dane-unsigned.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'mx.dane-wrong.test', authenticatedBy: 'pkix' },
    });
  });

  it('is off where no validating resolver is named', async () => {
    const { dane: _dane, ...profile } = fixture.sandbox().profile;
    const plain = fixture.newDeliver({ network: () => profile });
    expect(await plain.send(to('dane-wrong.test'))).toMatchObject({ transport: { authenticatedBy: 'pkix' } });
    expect(await plain.send(to('dane-expired.test'))).toMatchObject({
      failure: { code: 'certificate-expired' },
    });
  });

  it('connections that the records let through are not used for a send that asks otherwise', async () => {
    let profile: NetworkProfile = fixture.sandbox().profile;
    const deliver = fixture.newDeliver({ network: () => profile });
    expect(await deliver.send(to('dane.test'))).toMatchObject({ transport: { authenticatedBy: 'dane' } });
    profile = { ...fixture.sandbox().profile, dane: { tlsa: async () => ({ kind: 'none' }) } };
    // The domain's MTA-STS policy, which names another host, is looked at only now.
    expect(await deliver.send(to('dane.test'))).toMatchObject({
      failure: { code: 'mta-sts-host-not-listed' },
    });
  });

  it('MTA-STS is not consulted where a secure TLSA RRset stands', async () => {
    const before = fixture.sandbox().policyHostsAsked.length;
    expect(await fixture.deliver().send(to('dane.test'))).toMatchObject({
      transport: { authenticatedBy: 'dane' },
    });
    expect(fixture.sandbox().policyHostsAsked.length).toBe(before);
  });
});

describe('MTA-STS', () => {
  it('a listed host with a good certificate is verified by it, and the policy is kept', async () => {
    const policies = memoryStore();
    const deliver = fixture.newDeliver({ policies });
    expect(await deliver.send(to('mta-sts.test'))).toMatchObject({
      kind: 'delivered',
      transport: { host: 'mx.mta-sts.test', authenticatedBy: 'mta-sts' },
    });
    expect(policies.kept.get('mta-sts.test')).toMatchObject({ id: '20261101000000Z', mode: 'enforce' });
  });

  it('a host that is not listed is never connected to', async () => {
    for (const request of [
      to('mta-sts-unlisted.test'),
      to('mta-sts-unlisted.test', { tls: encryptedOnly }),
      notice('mta-sts-unlisted.test'),
    ]) {
      expect(await fixture.deliver().send(request)).toMatchObject({
        kind: 'protection-unavailable',
        failure: {
          code: 'mta-sts-host-not-listed',
          parameters: { host: 'mx.mta-sts-unlisted.test' },
        },
      });
    }
    expect(fixture.sandbox().peer('mx.mta-sts-unlisted.test').record.connections).toBe(0);
  });

  it.each([
    ['no STARTTLS', { startTls: 'hidden' }, 'tls-not-offered'],
    ['STARTTLS refused', { startTls: 'refused' }, 'tls-not-offered'],
    ['an old TLS', { tlsMaximum: 'TLSv1' }, 'tls-version-too-low'],
  ] as const)('enforce with %s: nothing goes out, not even a notice', async (_what, change, code) => {
    const peer = fixture.sandbox().peer('mx.mta-sts.test');
    peer.behave(change);
    try {
      for (const request of [
        to('mta-sts.test'),
        to('mta-sts.test', { tls: encryptedOnly }),
        notice('mta-sts.test'),
      ]) {
        expect(await fixture.newDeliver().send(request)).toMatchObject({
          kind: 'protection-unavailable',
          failure: { code, parameters: { policy: 'sts' } },
        });
      }
      expectUntold(peer);
    } finally {
      peer.behave({ startTls: 'offered', tlsMaximum: 'TLSv1.3' });
    }
  });

  it('enforce with a certificate that nobody vouches for: nothing goes out', async () => {
    const policies = memoryStore();
    policies.kept.set('self-signed.test', policy({ mx: ['mx.self-signed.test'] }));
    const deliver = fixture.newDeliver({ policies });
    for (const request of [
      to('self-signed.test'),
      to('self-signed.test', { tls: encryptedOnly }),
      notice('self-signed.test'),
    ]) {
      expect(await deliver.send(request)).toMatchObject({ failure: { code: 'certificate-self-signed' } });
    }
    expectUntold(fixture.sandbox().peer('mx.self-signed.test'));
  });

  it('a kept policy holds when its announcement is gone, and not after it has expired', async () => {
    const policies = memoryStore();
    policies.kept.set('good-tls.test', policy());
    expect(await fixture.newDeliver({ policies }).send(to('good-tls.test'))).toMatchObject({
      failure: { code: 'mta-sts-host-not-listed' },
    });
    policies.kept.set('good-tls.test', policy({ expiresAt: new Date(Date.now() - 1) }));
    expect(await fixture.newDeliver({ policies }).send(to('good-tls.test'))).toMatchObject({
      kind: 'delivered',
      transport: { authenticatedBy: 'pkix' },
    });
  });

  it('a policy that cannot be read from where it is kept stops the send: a fault, never a guess', async () => {
    const policies = { ...memoryStore(), read: () => Promise.reject(new Error('database gone')) };
    await expect(fixture.newDeliver({ policies }).send(to('mta-sts.test'))).rejects.toThrow('database gone');
    expectUntold(fixture.sandbox().peer('mx.mta-sts.test'));
  });

  it('testing only tells: what our own policy asks decides', async () => {
    const noted: TlsResult[] = [];
    const deliver = fixture.newDeliver({ results: { note: (result) => noted.push(result) } });
    expect(await deliver.send(to('mta-sts-testing.test'))).toMatchObject({
      failure: { code: 'certificate-self-signed' },
    });
    expect(await deliver.send(to('mta-sts-testing.test', { tls: encryptedOnly }))).toMatchObject({
      kind: 'delivered',
      transport: { authenticatedBy: 'none' },
    });
    expect(await deliver.send(notice('mta-sts-testing.test'))).toMatchObject({ kind: 'delivered' });
    expect(noted.map(({ policy: kind, result }) => [kind, result])).toEqual([
      ['sts', 'certificate-not-trusted'],
      ['sts', 'validation-failure'],
      ['sts', 'certificate-not-trusted'],
    ]);
  });
});

describe('REQUIRETLS', () => {
  const required = (domain: string): SendRequest => to(domain, { requireTls: true });

  it('is passed on to a host that is proven, verified and offers it', async () => {
    expect(await fixture.deliver().send(required('requiretls.test'))).toMatchObject({ kind: 'delivered' });
    await fixture.deliver().send(to('requiretls.test'));
    const { transcript } = fixture.sandbox().peer('mx.requiretls.test');
    const said = transcript.filter((line) => line.startsWith('CS: MAIL'));
    expect(said.map((line) => line.endsWith(' REQUIRETLS'))).toEqual([true, false]);
  });

  it.each([
    ['tls12.test', 'mx.tls12.test', 'requiretls-host-not-proven'],
    ['dane.test', 'mx.dane.test', 'requiretls-not-offered'],
    ['mta-sts.test', 'mx.mta-sts.test', 'requiretls-not-offered'],
  ])('%s is not enough: %s gives %s', async (domain, host, code) => {
    expect(await fixture.deliver().send(required(domain))).toMatchObject({
      kind: 'protection-unavailable',
      failure: { method: 'tls', code, parameters: { host } },
    });
    expectUntold(fixture.sandbox().peer(host));
  });

  it('goes to a smart host that passes it on, and to no other', async () => {
    const peer = fixture.sandbox().peer('relay.clinic.test');
    const smartHost = () => ({ host: peer.host, port: peer.port, credentials: null, implicitTls: false });
    const relayed = fixture.newDeliver({ smartHost });
    expect(await relayed.send(required('tls12.test'))).toMatchObject({
      failure: { code: 'requiretls-not-offered', parameters: { host: 'relay.clinic.test' } },
    });
    expectUntold(peer);
    peer.behave({ capabilities: ['REQUIRETLS'] });
    expect(await fixture.newDeliver({ smartHost }).send(required('tls12.test'))).toMatchObject({
      kind: 'delivered',
    });
    expect(peer.transcript.some((line) => line.endsWith(' REQUIRETLS') && line.startsWith('CS: MAIL'))).toBe(
      true,
    );
  });

  it('asks for a verified host also where the policy is content with encryption', async () => {
    const peer = fixture.sandbox().peer('mx.requiretls.test');
    const untrusting = { ...fixture.sandbox().profile, extraRoots: [] };
    const deliver = fixture.newDeliver({ network: () => untrusting });
    const request = to('requiretls.test', { requireTls: true, tls: encryptedOnly });
    expect(await deliver.send(request)).toMatchObject({ failure: { code: 'certificate-untrusted' } });
    expectUntold(peer);
  });
});

describe('what is counted for reports', () => {
  it.each([
    ['dane.test', 'tlsa', 'success'],
    ['dane-wrong.test', 'tlsa', 'validation-failure'],
    ['dane-stripped.test', 'tlsa', 'starttls-not-supported'],
    ['dane-bogus.test', 'tlsa', 'dnssec-invalid'],
    ['mta-sts.test', 'sts', 'success'],
    ['mta-sts-unlisted.test', 'sts', 'validation-failure'],
    ['tls12.test', 'no-policy-found', 'success'],
    ['wrong-cert.test', 'no-policy-found', 'certificate-host-mismatch'],
    ['expired.test', 'no-policy-found', 'certificate-expired'],
    ['no-tls.test', 'no-policy-found', 'starttls-not-supported'],
    ['busy.test', 'no-policy-found', null],
  ])('%s: %s, %s', async (domain, kind, result) => {
    const noted: TlsResult[] = [];
    await fixture.newDeliver({ results: { note: (one) => noted.push(one) } }).send(to(domain));
    expect(noted).toEqual([{ domain, policy: kind, host: `mx.${domain}`, result }]);
  });

  it('a connection that carries several messages counts once', async () => {
    const noted: TlsResult[] = [];
    const deliver = fixture.newDeliver({ results: { note: (one) => noted.push(one) } });
    for (let index = 0; index < 3; index += 1) await deliver.send(to('mta-sts.test'));
    expect(noted).toHaveLength(1);
  });
});
