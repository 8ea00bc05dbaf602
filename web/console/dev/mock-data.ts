import type {
  AttemptView,
  AuditEntry,
  Decision,
  DeliveryDetail,
  MessageDetail,
  MessageSummary,
  PolicyVersion,
  Session,
} from '../src/api-types.ts';

/** Made-up answers for looking at the console without a server. Never part of the build. */
const now = Date.now();
export const at = (secondsAgo: number): string => new Date(now - secondsAgo * 1000).toISOString();
const id = (n: number): string => `0193a0c0-0000-7000-8000-${String(n).padStart(12, '0')}`;

const PERMISSIONS: Session['permissions'] = [
  'messages:send',
  'messages:read',
  'messages:read-content',
  'messages:cancel',
  'policies:read',
  'policies:write',
  'api-keys:read',
  'api-keys:write',
  'audit:read',
  'members:read',
  'members:write',
  'roles:read',
  'roles:write',
  'organisation:read',
  'organisation:write',
  'sandbox:read',
  'certificates:read',
  'certificates:write',
  'recipient-keys:read',
  'recipient-keys:write',
  'keys:rotate',
  'installation:operate',
];

export const session: Session = {
  identity: { id: id(1), displayName: 'Maria Okafor', address: 'maria@clinic.test' },
  organisation: { id: id(2), name: 'Riverside Clinic', slug: 'riverside' },
  organisations: [{ id: id(2), name: 'Riverside Clinic', slug: 'riverside' }],
  permissions: PERMISSIONS,
  scoped: [],
  mode: 'sandbox',
  expiresAt: at(-3600),
  csrf: 'mock-csrf',
};

const order: Decision['order'] = ['tls', 'portal'];
const tls: Decision['tls'] = { minimum: '1.2', authentication: 'verified' };
const byTls: Decision = {
  method: 'tls',
  order,
  tls,
  policyVersion: 3,
  reasons: [
    { code: 'order-from-organisation', parameters: {} },
    { code: 'method-chosen', parameters: { method: 'tls' } },
  ],
};
const byPortal = (failure: string, host: string): Decision => ({
  method: 'portal',
  order,
  tls,
  policyVersion: 3,
  reasons: [
    { code: 'order-from-organisation', parameters: {} },
    { code: 'method-failed', parameters: { method: 'tls', failure, host } },
    { code: 'method-chosen', parameters: { method: 'portal' } },
  ],
});

const good = (host: string): Partial<AttemptView> => ({
  host,
  address: '127.0.0.1',
  tlsVersion: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  certificate: {
    fingerprint: '9f2c4be1a0d37c55e8b6f1d2c3a4958677b8c9d0e1f2031425364758697a8b9c',
    subject: `CN=${host}`,
    issuer: 'CN=Sandbox Root',
    notAfter: at(-86_400 * 80),
  },
  authenticatedBy: 'pkix',
});

function attempt(number: number, over: Partial<AttemptView>): AttemptView {
  return {
    id: id(700 + number),
    number,
    method: 'tls',
    startedAt: at(40 - number),
    endedAt: at(39.7 - number),
    result: 'delivered',
    code: null,
    host: null,
    address: null,
    tlsVersion: null,
    cipher: null,
    certificate: null,
    authenticatedBy: 'none',
    reply: null,
    ...over,
  };
}

const accepted = { code: 250, enhanced: '2.0.0', text: 'Ok: queued' };
const later = { code: 451, enhanced: '4.7.1', text: 'Greylisted, come back later' };

/** The five temperaments, as they stand `seconds` after the message was accepted. */
export function demoDeliveries(seconds: number): DeliveryDetail[] {
  const base = {
    decision: byTls,
    lastCode: null,
    lastStatus: null,
    nextAttemptAt: null,
    finishedAt: null,
    portal: null,
    hasProof: false,
  } as const;
  const done = { finishedAt: at(38), hasProof: true } as const;
  const portal = { expiresAt: at(-86_400 * 30), firstReadAt: null, acts: [] };
  const fresh = (n: number, to: string): DeliveryDetail => ({
    ...base,
    id: id(n),
    to,
    state: 'queued',
    method: seconds < 1 ? null : 'tls',
    decision: seconds < 1 ? null : byTls,
    attempts: [],
  });
  const list = [
    'anna@good-tls.test',
    'ben@no-tls.test',
    'carla@wrong-cert.test',
    'dan@slow.test',
    'nobody@good-tls.test',
  ];
  if (seconds < 2) return list.map((to, index) => fresh(500 + index, to));
  const slow =
    seconds < 4
      ? {
          ...fresh(503, 'dan@slow.test'),
          state: 'deferred' as const,
          nextAttemptAt: at(-20),
          attempts: [
            attempt(1, { ...good('mx.slow.test'), result: 'deferred', code: 'peer-deferred', reply: later }),
          ],
        }
      : {
          ...base,
          ...done,
          id: id(503),
          to: 'dan@slow.test',
          state: 'delivered' as const,
          method: 'tls' as const,
          attempts: [
            attempt(1, { ...good('mx.slow.test'), result: 'deferred', code: 'peer-deferred', reply: later }),
            attempt(2, { ...good('mx.slow.test'), result: 'deferred', code: 'peer-deferred', reply: later }),
            attempt(3, { ...good('mx.slow.test'), reply: accepted }),
          ],
        };
  return [
    {
      ...base,
      ...done,
      id: id(500),
      to: 'anna@good-tls.test',
      state: 'delivered',
      method: 'tls',
      attempts: [attempt(1, { ...good('mx.good-tls.test'), reply: accepted })],
    },
    {
      ...base,
      ...done,
      id: id(501),
      to: 'ben@no-tls.test',
      state: seconds > 6 ? 'portal-read' : 'portal-waiting',
      method: 'portal',
      decision: byPortal('tls-not-offered', 'mx.no-tls.test'),
      attempts: [
        attempt(1, {
          host: 'mx.no-tls.test',
          address: '127.0.0.1',
          result: 'protection-unavailable',
          code: 'tls-not-offered',
        }),
      ],
      portal:
        seconds > 6
          ? {
              ...portal,
              firstReadAt: at(5),
              acts: [
                { act: 'opened', at: at(5) },
                { act: 'downloaded', at: at(4) },
              ],
            }
          : portal,
    },
    {
      ...base,
      ...done,
      id: id(502),
      to: 'carla@wrong-cert.test',
      state: 'portal-waiting',
      method: 'portal',
      decision: byPortal('certificate-wrong-name', 'mx.wrong-cert.test'),
      attempts: [
        attempt(1, {
          ...good('mx.wrong-cert.test'),
          authenticatedBy: 'none',
          result: 'protection-unavailable',
          code: 'certificate-wrong-name',
        }),
      ],
      portal,
    },
    slow,
    {
      ...base,
      ...done,
      id: id(504),
      to: 'nobody@good-tls.test',
      state: 'bounced',
      method: 'tls',
      attempts: [
        attempt(1, {
          ...good('mx.good-tls.test'),
          result: 'bounced',
          code: 'peer-refused',
          reply: { code: 550, enhanced: '5.1.1', text: 'No such user here' },
        }),
      ],
    },
  ];
}

export function summary(n: number, over: Partial<MessageSummary> = {}): MessageSummary {
  return {
    id: id(10_000 + n),
    acceptedAt: at(n * 1700),
    subject: SUBJECTS[n % SUBJECTS.length] ?? '',
    from: 'reception@clinic.test',
    to: ['anna@good-tls.test', 'ben@no-tls.test', 'carla@wrong-cert.test'].slice(0, 1 + (n % 3)),
    recipients: n % 7 === 0 ? 12 : 1 + (n % 3),
    size: 2_000 + n * 977,
    source: 'api',
    class: 'light',
    stream: 'transactional',
    state: 'accepted',
    states:
      n % 5 === 0
        ? [
            { state: 'delivered', count: 2 },
            { state: 'portal-waiting', count: 1 },
            { state: 'bounced', count: 1 },
          ]
        : [{ state: n % 4 === 0 ? 'deferred' : 'delivered', count: 1 + (n % 3) }],
    methods: n % 5 === 0 ? ['tls', 'portal'] : n % 9 === 0 ? ['pgp', 'smime'] : ['tls'],
    ...over,
  };
}

const SUBJECTS = [
  'Your laboratory results of this week',
  'Appointment on Thursday',
  'Referral to Dr Lindqvist, with the findings of the last two visits and the imaging report attached',
  'Prescription renewal',
  '',
];

export const demoId = id(9);
export function demoDetail(seconds: number): MessageDetail {
  const deliveries = demoDeliveries(seconds);
  return {
    ...summary(0, {
      id: demoId,
      recipients: 5,
      subject: 'Your laboratory results of this week',
      acceptedAt: at(42),
    }),
    messageId: '<0193a0c0.9@clinic.test>',
    priority: 50,
    dueAt: at(42),
    giveUpAt: at(-86_400 * 5),
    portalExpiresAt: at(-86_400 * 30),
    policyVersion: 3,
    actor: { kind: 'person', id: id(1), label: 'Maria Okafor' },
    inReplyTo: null,
    deliveries,
    replies:
      seconds > 6
        ? [
            {
              id: id(10),
              from: 'ben@no-tls.test',
              subject: 'Re: Your laboratory results of this week',
              acceptedAt: at(3),
            },
          ]
        : [],
    canCancel: deliveries.some((one) => one.state === 'queued' || one.state === 'deferred'),
    canRetract: deliveries.some((one) => one.state.startsWith('portal-')),
  };
}

export const policy: PolicyVersion = {
  version: 3,
  createdAt: at(86_400 * 3),
  createdBy: { kind: 'person', id: id(1), label: 'Maria Okafor' },
  offered: ['tls', 'portal'],
  methods: ['tls', 'pgp', 'portal'],
  tls,
  tlsHighestClass: 'light',
  exclusive: false,
  waivers: { enabled: false, highestClass: 'ordinary' },
  triggers: { raise: ['[secure]'], lower: [], lowering: false },
  streams: [{ stream: 'marketing', methods: ['portal'], tls: null, exclusive: null }],
  domains: [
    {
      domain: '*.partner.example',
      methods: null,
      tls: { minimum: '1.3', authentication: 'verified' },
      exclusive: null,
    },
  ],
  recipients: [{ address: 'dr.lindqvist@partner.example', methods: ['portal'], tls: null, exclusive: true }],
  portalExpiryDays: 30,
  giveUpDays: 5,
};

const ACTIONS = [
  'message.accepted',
  'session.started',
  'policy.changed',
  'api-key.created',
  'portal.opened',
  'session.refused',
];

export function auditEntry(n: number): AuditEntry {
  const action = ACTIONS[n % ACTIONS.length] ?? 'message.accepted';
  return {
    id: id(20_000 + n),
    position: n < 2 ? null : 4_000 - n,
    recordedAt: at(n * 400),
    action,
    actor: { kind: 'person', id: id(1), label: n % 3 === 0 ? 'Sealpost' : 'Maria Okafor' },
    origin: { address: '127.0.0.1', channel: 'console' },
    result: action === 'session.refused' ? 'refused' : 'done',
    subjects: [{ kind: 'message', id: demoId }],
    details: { recipients: 5, source: 'api', class: 'light' },
    hasReference: action.startsWith('message.'),
  };
}
