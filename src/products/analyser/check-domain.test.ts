import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '#core/policy';
import { decide } from '#journey/3-decide';
import { type Sandbox, startSandbox } from '#sandbox';
import { type CheckPorts, checkDomain, type DomainReport } from './check-domain.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

function ports(change: Partial<CheckPorts> = {}): CheckPorts {
  return {
    network: () => sandbox.profile,
    hostName: 'sealpost.clinic.test',
    decide,
    offered: () => ['tls', 'portal'],
    pathChecks: null,
    smartHost: () => null,
    timeouts: { connect: 1_000, greeting: 2_000, command: 2_000, handshake: 2_000 },
    ...change,
  };
}

const check = (
  domain: string,
  policy: Policy = DEFAULT_POLICY,
  change: Partial<CheckPorts> = {},
): Promise<DomainReport> => checkDomain(domain, policy, ports(change));

const outlook = (report: DomainReport): string[] =>
  report.outlook.map(
    ({ class: cls, kind, decision }) => `${cls} ${kind === 'waits' ? 'waits' : decision.method}`,
  );

describe('a recipient domain', () => {
  it('with good TLS', async () => {
    const report = await check('Good-TLS.test.');
    expect(report).toMatchObject({
      domain: 'good-tls.test',
      route: 'mx',
      routeCode: null,
      dnssec: true,
      mtaSts: { kind: 'not-checked' },
    });
    const [host] = report.hosts;
    expect(host).toMatchObject({
      host: 'mx.good-tls.test',
      outcome: 'verified',
      startTls: true,
      failure: null,
      dane: { kind: 'not-checked' },
    });
    expect(host?.transport).toMatchObject({ tlsVersion: 'TLSv1.3', authenticatedBy: 'pkix' });
    expect(host?.tlsVersions).toEqual(['TLSv1.2', 'TLSv1.3']);
    expect(host?.transport.certificateFingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(outlook(report)).toEqual(['ordinary tls', 'light tls', 'high portal']);
  });

  it.each([
    ['no-tls.test', 'no-tls', 'tls-not-offered', false],
    ['strips-starttls.test', 'no-tls', 'tls-not-offered', false],
    ['old-tls.test', 'no-tls', 'tls-version-too-low', true],
    ['wrong-cert.test', 'unverified', 'certificate-wrong-name', true],
    ['expired.test', 'unverified', 'certificate-expired', true],
    ['self-signed.test', 'unverified', 'certificate-self-signed', true],
  ])('%s: %s, %s', async (domain, outcome, failure, startTls) => {
    const report = await check(domain);
    expect(report.hosts[0]).toMatchObject({ outcome, failure, startTls });
    expect(outlook(report)).toEqual(['ordinary portal', 'light portal', 'high portal']);
    const reasons = report.outlook[0]?.decision.reasons ?? [];
    expect(reasons).toContainEqual(
      expect.objectContaining({
        code: 'method-failed',
        parameters: expect.objectContaining({ failure, host: report.hosts[0]?.host }),
      }),
    );
  });

  it('shows the certificate that it does not believe', async () => {
    const report = await check('wrong-cert.test');
    expect(report.hosts[0]?.transport.certificateFingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(report.hosts[0]?.transport.tlsVersion).toBe('TLSv1.3');
  });

  it('is judged by the policy for it', async () => {
    const override = {
      methods: null,
      exclusive: null,
      tls: { minimum: '1.2', authentication: 'encrypted-only' },
    } as const;
    const lenient: Policy = { ...DEFAULT_POLICY, domains: [{ domain: 'wrong-cert.test', ...override }] };
    expect(outlook(await check('wrong-cert.test', lenient))).toEqual([
      'ordinary tls',
      'light tls',
      'high portal',
    ]);
    const strict: Policy = { ...DEFAULT_POLICY, exclusive: true, methods: ['tls'] };
    expect(outlook(await check('no-tls.test', strict))).toEqual(['ordinary none', 'light none', 'high none']);
    const newest: Policy = { ...DEFAULT_POLICY, tls: { minimum: '1.3', authentication: 'verified' } };
    expect(outlook(await check('tls12.test', newest))).toEqual([
      'ordinary portal',
      'light portal',
      'high portal',
    ]);
  });

  it('with one good host among others is reached by TLS', async () => {
    const report = await check('clear-or-good.test');
    expect(report.hosts.map(({ outcome }) => outcome)).toEqual(['no-tls', 'verified']);
    expect(outlook(report)[0]).toBe('ordinary tls');
    expect(outlook(await check('two-mx.test'))[0]).toBe('ordinary tls');
  });

  it('that nobody answers for would wait; its certificate decides nothing', async () => {
    const report = await check('dead.test');
    expect(report.hosts[0]).toMatchObject({ outcome: 'unreachable', startTls: null });
    expect(outlook(report)).toEqual(['ordinary waits', 'light waits', 'high portal']);
    expect(outlook(await check('busy.test'))[0]).toBe('ordinary waits');
    expect(outlook(await check('broken-dns.test'))[0]).toBe('ordinary waits');
  });

  it('without mail', async () => {
    expect(await check('null-mx.test')).toMatchObject({
      route: 'none',
      routeCode: 'null-mx',
      hosts: [],
      outlook: [],
    });
    expect(await check('no-mail.test')).toMatchObject({ route: 'none', routeCode: 'no-such-domain' });
  });

  it('without MX is asked itself', async () => {
    const report = await check('no-mx.test');
    expect(report).toMatchObject({ route: 'address', hosts: [{ host: 'no-mx.test', outcome: 'verified' }] });
  });

  it('behind a relay is decided for the relay', async () => {
    const report = await check('no-tls.test', DEFAULT_POLICY, { smartHost: () => 'relay.clinic.test' });
    expect(report.smartHost).toBe('relay.clinic.test');
    expect(outlook(report)[0]).toBe('ordinary tls');
  });

  it('is told what DANE and MTA-STS said, where somebody looks', async () => {
    const asked: string[] = [];
    const report = await check('good-tls.test', DEFAULT_POLICY, {
      pathChecks: {
        mtaSts: async (domain) => {
          asked.push(domain);
          return { kind: 'policy', mode: 'enforce', mx: ['*.good-tls.test'], maxAgeSeconds: 86_400 };
        },
        verifier: async () => ({
          key: 'test',
          verify: () => ({ kind: 'failed', code: 'certificate-untrusted' }),
        }),
        dane: async (host) => {
          asked.push(host);
          return { kind: 'records', usable: 1, unusable: 0 };
        },
      },
    });
    expect(asked.sort()).toEqual(['good-tls.test', 'mx.good-tls.test']);
    expect(report.mtaSts).toMatchObject({ mode: 'enforce' });
    // What delivery would judge by is what decides here.
    expect(report.hosts[0]).toMatchObject({ outcome: 'unverified', failure: 'certificate-untrusted' });
    expect(report.hosts[0]?.dane).toEqual({ kind: 'records', usable: 1, unusable: 0 });
  });

  it('that keeps everybody waiting ends at the deadline', async () => {
    const started = performance.now();
    const report = await check('tarpit.test', DEFAULT_POLICY, { deadlineMs: 400 });
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(report.hosts[0]).toMatchObject({ outcome: 'unreachable', detail: 'timeout' });
  });

  it.each(['', ' ', 'a b', 'x@y', '[127.0.0.1]', '-', 'a..b', '127.0.0.1:25'])('refuses %j', async (name) => {
    await expect(check(name)).rejects.toMatchObject({ name: 'Refusal' });
  });

  it('outside of the sandbox is not reached from it', async () => {
    await expect(check('hospital.example')).rejects.toMatchObject({ code: 'sandbox-domain-only' });
  });

  it('does not go where the network may not connect', async () => {
    const network = { ...sandbox.profile, mayConnect: () => false };
    const before = sandbox.peer('mx.good-tls.test').transcript.length;
    const report = await check('good-tls.test', DEFAULT_POLICY, { network: () => network });
    expect(report.hosts[0]).toMatchObject({ outcome: 'unreachable', detail: 'address-not-public' });
    expect(sandbox.peer('mx.good-tls.test').transcript.length).toBe(before);
  });
});
