import { at, auditEntry, demoDetail, demoId, policy, session } from './mock-data.ts';
import type { MockState } from './mock-server.ts';

const page = <T>(items: T[]) => ({ items, next: null });

const certificate = (n: number) => ({
  id: `certificate-${n}`,
  address: `person${n}@smime.test`,
  subject: `Person ${n}`,
  issuer: 'Health authority CA 7',
  notBefore: at(400_000),
  notAfter: at(-400_000),
  fingerprint: '7c9e'.repeat(16),
  key: n === 1 ? 'EC P-256' : 'RSA 3072',
  standing:
    n === 2
      ? { state: 'key-unusable', reason: 'wrong-usage', revocation: null }
      : { state: 'usable', reason: null, revocation: 'good' },
  source: n === 1 ? 'signed-mail' : 'upload',
  createdAt: at(9_000),
});

function ownKey(failing: boolean) {
  const key = (n: number) => ({
    id: `own-key-${n}`,
    fingerprint: ['d1a66e1a23b182c9980f', '788cfbfcc82a015e7330', 'cb186c4f0609a697e4d5'][n]?.repeat(2),
    address: 'office@clinic.test',
    createdAt: at(900_000 * (n + 1)),
    expiresAt: at(-40_000_000),
    publicKey: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxjMEZ…\n-----END PGP PUBLIC KEY BLOCK-----\n',
  });
  const past = { retiredAt: at(90_000), publishedUntil: at(-7_000_000) };
  return {
    ...key(0),
    extensionFailedAt: failing ? at(80_000) : null,
    earlier: [
      { ...key(1), ...past, state: 'retired', revokedAt: null, revocationReason: null },
      { ...key(2), ...past, state: 'revoked', revokedAt: at(60_000), revocationReason: 'compromised' },
    ],
  };
}

/** Answers of settings, audit and sandbox. */
export function administration(
  route: string,
  state: MockState,
  url: URL,
  mode: string,
  many: (count: number) => number[],
): unknown {
  const key = (n: number) => ({
    id: `key-${n}`,
    label: n === 0 ? 'Laboratory system' : 'Old portal',
    prefix: n === 0 ? 'sp_live_7Qm2' : 'sp_live_x9Kd',
    permissions: ['messages:send', 'messages:read'],
    networks: [],
    createdAt: at(900_000),
    expiresAt: null,
    lastUsedAt: n === 0 ? at(300) : null,
    revokedAt: n === 0 ? null : at(80_000),
  });
  const record = demoDetail(100).deliveries[0];
  if (route.endsWith('/reference'))
    return { sender: 'maria.okafor@clinic.test', networkAddress: '203.0.113.9' };
  if (route.endsWith('/proof') && record) {
    const last = record.attempts[0];
    return {
      record: {
        format: 'sealpost-proof/1',
        id: 'p',
        organisation: session.organisation.id,
        message: demoId,
        delivery: record.id,
        recipientHash: '5b1c'.repeat(16),
        recipientDomain: 'good-tls.test',
        method: 'tls',
        outcome: 'delivered',
        transport: {
          host: last?.host,
          tlsVersion: last?.tlsVersion,
          cipher: last?.cipher,
          certificateFingerprint: last?.certificate?.fingerprint,
          authenticatedBy: 'pkix',
        },
        contentHash: 'a9f0'.repeat(16),
        policyVersion: 3,
        reasons: record.decision?.reasons,
        at: at(38),
      },
      signature: 'q83v'.repeat(20),
      keyId: 'proof-1',
      publicKey: '',
    };
  }
  switch (route) {
    case 'GET /v1/policy':
      return policy;
    case 'PUT /v1/policy':
      return { ...policy, version: 4 };
    case 'GET /v1/policy/versions':
      return page([
        policy,
        { ...policy, version: 2, methods: ['tls', 'portal'] },
        { ...policy, version: 1, methods: ['portal'] },
      ]);
    case 'POST /v1/policy/preview':
      return { ...demoDetail(100).deliveries[1]?.decision, values: [] };
    case 'POST /v1/policy/review':
      return { problems: [], warnings: [], sentences: [] };
    case 'GET /v1/policy/drafts':
    case 'GET /v1/policy/replays':
      return { items: [] };
    case 'GET /v1/policy/settings':
      return { fourEyes: false };
    case 'GET /v1/policy/proposals':
      return page([]);
    case 'GET /v1/policy/versions/compare':
      return { differences: [] };
    case 'GET /v1/openpgp-keys':
      return page(
        many(3).map((n) => ({
          id: `recipient-key-${n}`,
          address: ['anna@example.org', 'ben@example.org', 'cleo@example.org'][n],
          fingerprint: ['d1a66e1a23b182c9980f', '788cfbfcc82a015e7330', 'cb186c4f0609a697e4d5'][n]?.repeat(2),
          algorithm: ['rsa 3072', 'eddsaLegacy', 'ed25519'][n],
          state: ['trusted', 'pending', 'trusted'][n],
          source: ['console', 'wkd', 'wkd'][n],
          usable: n !== 2,
          problem: n === 2 ? 'expired' : null,
          accepted: true,
          expiresAt: null,
          keyCreatedAt: at(900_000),
          addedAt: at(80_000),
          vouchedBy: n === 0 ? { kind: 'person', id: 'p', label: 'Front office' } : null,
          vouchedAt: n === 0 ? at(80_000) : null,
        })),
      );
    case 'GET /v1/openpgp-key':
      return ownKey(state.conflict);
    case 'GET /v1/openpgp-settings':
      return { wkd: 'first-use', hkps: 'first-use', portal: 'first-use', autocrypt: 'vouched' };
    case 'GET /v1/api-keys':
      return page(many(2).map(key));
    case 'POST /v1/api-keys':
    case 'POST /v1/api-keys/key-0/rotate':
      return { key: key(0), secret: 'sp_live_7Qm2_8sKq0vYt5nB1xR7uWc3eZp6hLd9fGj2mA4oI' };
    case 'GET /v1/organisation':
      return {
        ...session.organisation,
        timeZone: 'Europe/Berlin',
        locale: 'en',
        unreadNoticeDays: 3,
        domains: [{ id: 'd', name: 'clinic.test' }],
      };
    case 'GET /v1/members':
      return page([
        {
          identity: session.identity,
          roles: ['administrator', 'operator'],
          factors: ['totp', 'recovery-code'],
          createdAt: at(900_000),
          canSignIn: true,
        },
      ]);
    case 'GET /v1/sessions':
      return page(
        [true, false].map((current) => ({
          id: `s-${current}`,
          current,
          createdAt: at(4_000),
          lastUsedAt: at(20),
          expiresAt: at(-9_000),
          address: '127.0.0.1',
          factors: ['totp'],
        })),
      );
    case 'GET /v1/installation':
      return {
        mode,
        version: '0.1.0',
        consoleUrl: 'http://localhost:8080',
        portalUrl: 'http://localhost:8081',
        setUpAt: at(900_000),
        submission: { host: 'localhost', startTlsPort: 2587, implicitTlsPort: 2465 },
      };
    case 'POST /v1/installation/mode':
      state.live = true;
      return {
        mode: 'live',
        version: '0.1.0',
        consoleUrl: null,
        portalUrl: null,
        setUpAt: null,
        submission: { host: 'localhost', startTlsPort: 2587, implicitTlsPort: 2465 },
      };
    case 'GET /v1/audit':
      return page(many(60).map(auditEntry));
    case 'GET /v1/audit/state':
      return {
        size: 4_000,
        unplaced: 2,
        lastCheckpoint: {
          size: 3_998,
          root: 'lq2XHk2O6dW7Y7Vb0mYy8b1vV8gQk3Jm1oW2w3kq1aM=',
          createdAt: at(4),
          witnessedAt: at(3),
        },
      };
    case 'POST /v1/audit/verify':
      return state.conflict
        ? {
            ok: false,
            checkedAt: at(0),
            entries: 4_000,
            signedEntries: 3998,
            witness: 'present',
            durationMs: 260,
            problems: [{ code: 'entry-changed', position: 1_204 }],
          }
        : {
            ok: true,
            checkedAt: at(0),
            entries: 4_000,
            signedEntries: 3998,
            witness: 'present',
            durationMs: 260,
            problems: [],
          };
    case 'GET /v1/certificates':
      return page(many(3).map(certificate));
    case 'GET /v1/trust-anchors':
      return { items: many(1).map((n) => ({ ...certificate(n), subject: 'Health authority root 3' })) };
    case 'GET /v1/signing-certificate':
      return {
        certificate: {
          ...certificate(0),
          subject: 'Hillside Kidney Centre',
          addresses: ['office@clinic.test'],
        },
      };
    case 'GET /v1/smime-settings':
      return { revocation: 'soft', cipher: 'auto', keyTransport: 'auto', signature: 'clear' };
    case 'GET /v1/sandbox/peers':
      return {
        items: [
          ['anna@good-tls.test', 'good-tls'],
          ['ben@no-tls.test', 'no-tls'],
          ['carla@wrong-cert.test', 'wrong-cert'],
          ['dan@slow.test', 'slow'],
          ['erika@smime.test', 'smime'],
          ['nobody@good-tls.test', 'unknown-user'],
        ].map(([address, temperament]) => ({ address, domain: address?.split('@')[1], temperament })),
      };
    case 'GET /v1/sandbox/mailboxes':
      return {
        items: many(3).map((n) => ({
          address: ['ben@no-tls.test', 'reception@clinic.test', 'anna@good-tls.test'][n],
          messages: 3 - n,
          newestAt: at(30 * n),
        })),
      };
    default:
      return sandboxMail(url);
  }
}

function sandboxMail(url: URL): unknown {
  const summaryOf = {
    id: 'm1',
    receivedAt: at(30),
    from: 'Sealpost <no-reply@portal.test>',
    subject: 'A message is waiting for you',
    size: 1_240,
    tlsVersion: null,
  };
  if (/mailboxes\/[^/]+\/messages$/.test(url.pathname))
    return {
      items: [summaryOf, { ...summaryOf, id: 'm2', subject: 'Your sign-in code', receivedAt: at(8) }],
    };
  if (/mailboxes\/[^/]+\/messages\/m1$/.test(url.pathname))
    return {
      ...summaryOf,
      to: 'ben@no-tls.test',
      cipher: null,
      opened: null,
      text: 'A message is waiting for you.\n\nOpen it here: http://localhost:8081/m/8sKq0vYt5nB1xR7uWc3eZp6hLd9fGj2mA4oI.\n\nThe link works until 22 December.',
      headers: [
        { name: 'From', value: 'no-reply@portal.test' },
        { name: 'Auto-Submitted', value: 'auto-generated' },
      ],
      attachments: [],
    };
  return undefined;
}
