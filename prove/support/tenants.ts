import { makeCertificate } from '../../src/platform/keyring/certificates/certificate-fixture.ts';
import { mailOf } from './canary-drive.ts';
import { signInByLink } from './portal-visit.ts';
import { call, fromSomewhere } from './tenant-doors.ts';
import { type FurtherKind, furnishFurther } from './tenant-things.ts';
import { WebClient } from './web-client.ts';

/** One organisation with everything that can belong to one, and the ways into it. */
export interface Tenant {
  readonly organisation: string;
  /** Occurs in every free text of this organisation; must never be in an answer to the other one. */
  readonly canary: string;
  readonly apiKey: string;
  /** Of the organisation's directory. */
  readonly scimKey: string;
  readonly csrf: string;
  readonly cookies: ReadonlyMap<string, string>;
  /** What the console's session is bound to. */
  readonly prover: WebClient['prover'];
  readonly portalCookies: ReadonlyMap<string, string>;
  /** Every id of it, by what it is the id of. */
  readonly ids: Readonly<Record<IdKind, string>>;
  /** Tokens and secrets that would open something. */
  readonly linkToken: string;
  /** A recipient's address, and the ids of what came to it in the sandbox. */
  readonly mailbox: string;
  readonly mails: readonly string[];
  readonly domain: string;
  readonly idempotencyKey: string;
}

export type IdKind =
  | FurtherKind
  | LaterKind
  | 'organisation'
  | 'message'
  | 'waiting message'
  | 'delivery'
  | 'portal delivery'
  | 'api key'
  | 'service account'
  | 'access review'
  | 'emergency access'
  | 'pdf password'
  | 'waiver'
  | 'recipient'
  | 'policy draft'
  | 'policy replay'
  | 'policy proposal'
  | 'member'
  | 'session'
  | 'device'
  | 'domain'
  | 'audit entry'
  | 'event'
  | 'portal item'
  | 'portal person'
  | 'certificate'
  | 'trust anchor'
  | 'certificate directory';

/** What only a second person, or the worker in its time, would make: put into the database as it would stand there. */
export type LaterKind = 'pending act' | 'directory run';

interface Living {
  readonly browser: WebClient;
  readonly session: { readonly csrf: string; readonly organisation: { readonly id: string } };
  readonly apiUrl: string;
  readonly portalUrl: string;
  readonly domain: string;
  readonly canary: string;
  /** What the portal keeps of people: ids that no page shows. */
  personOf(item: string): Promise<string>;
  later(asker: string, connection: string): Promise<Readonly<Record<LaterKind, string>>>;
}

/** Fills an organisation with one of everything. */
export async function furnish(living: Living): Promise<Tenant> {
  const { browser, session, canary, domain } = living;
  const csrf = { 'x-sealpost-csrf': session.csrf };
  const permissions = [
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
    'organisation:read',
    'organisation:write',
    'sandbox:read',
    'recipients:read',
    'recipients:manage',
    'certificates:read',
    'certificates:write',
    'keys:rotate',
    'roles:read',
    'sign-in:read',
    'alerts:read',
    'incidents:read',
    'recipient-keys:read',
  ];
  const issued = await call<{ key: { id: string }; secret: string }>(browser, 'POST', '/v1/api-keys', 201, {
    headers: csrf,
    body: { label: `Key ${canary}`, permissions },
  });
  const member = await call<{ id: string }>(browser, 'POST', '/v1/members', 201, {
    headers: csrf,
    body: { address: `nurse.${canary}@${domain}`, displayName: `Nurse ${canary}`, roles: ['sender'] },
  });
  const api = new WebClient(living.apiUrl, { authorization: `Bearer ${issued.secret}` });
  const reader = `reader.${canary}@no-tls.test`;
  const idempotencyKey = 'order-1';
  const message = await call<{ id: string; deliveries: { id: string; to: string }[] }>(
    api,
    'POST',
    '/v1/messages',
    202,
    {
      headers: { 'idempotency-key': idempotencyKey },
      body: {
        from: `dr.${canary}@${domain}`,
        to: [`anna.${canary}@good-tls.test`, reader],
        subject: `Results ${canary}`,
        text: `Text ${canary}`,
        html: `<p>HTML ${canary}</p>`,
        attachments: [
          { name: `${canary}.txt`, type: 'text/plain', content: Buffer.from(canary).toString('base64') },
        ],
      },
    },
  );
  const waiting = await call<{ id: string }>(api, 'POST', '/v1/messages', 202, {
    body: {
      from: `dr.${canary}@${domain}`,
      to: [`later.${canary}@good-tls.test`],
      subject: `Later ${canary}`,
      text: canary,
      dueAt: new Date(Date.now() + 86_400_000).toISOString(),
    },
  });
  const sealedTo = `sealed.${canary}@smime.test`;
  const own = makeCertificate({ name: `Sealed ${canary}`, emails: [sealedTo] });
  const certificate = await call<{ id: string }>(api, 'POST', '/v1/certificates', 201, {
    body: { address: sealedTo, certificate: own.pem },
  });
  const anchor = await call<{ id: string }>(api, 'POST', '/v1/trust-anchors', 201, {
    body: { certificate: own.pem },
  });
  const listing = await call<{ id: string }>(api, 'POST', '/v1/certificate-directories', 201, {
    body: {
      host: 'ldap.invalid',
      port: 636,
      security: 'ldaps',
      authorities: '',
      baseDn: `dc=${canary}`,
      bindDn: `cn=${canary}`,
      password: canary,
    },
  });
  const document = await storePolicy(api, canary);
  const workbench = await useWorkbench(api, browser, csrf, document, canary);
  const pdfPassword = await call<{ id: string }>(api, 'POST', '/v1/pdf-passwords', 200, {
    body: { address: `pdf.${canary}@good-tls.test`, password: `seven grey herons ${canary}` },
  });
  const account = await call<{ id: string }>(browser, 'POST', '/v1/service-accounts', 201, {
    headers: csrf,
    body: { name: `Engine ${canary}`, owner: member.id, permissions: ['messages:read'] },
  });
  const emergency = await call<{ id: string }>(browser, 'POST', '/v1/break-glass', 201, {
    headers: csrf,
    body: { reason: `A patient ${canary} in the emergency room`, reference: canary },
  });
  const self = await call<{ identity: { id: string } }>(browser, 'GET', '/v1/session', 200);
  const accessReview = await call<{ id: string }>(browser, 'POST', '/v1/access-reviews', 201, {
    headers: csrf,
    body: {
      name: `All ${canary}`,
      audience: 'people',
      reviewers: [self.identity.id],
      dueAt: new Date(Date.now() + 86_400_000).toISOString(),
    },
  });
  const waiver = await call<{ id: string }>(api, 'POST', '/v1/waivers', 201, {
    body: {
      address: `plain.${canary}@good-tls.test`,
      text: `I was told of the risk ${canary}`,
      language: 'en',
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    },
  });
  const recipient = await call<{ id: string }>(api, 'POST', '/v1/recipients', 201, {
    body: {
      address: `kept.${canary}@good-tls.test`,
      mobile: '+34600000003',
      stopped: false,
      challenge: { kind: 'shared-secret', prompt: `Your ${canary}`, answer: canary },
      fallback: { kind: 'address', address: `other.${canary}@good-tls.test`, samePerson: true },
    },
  });
  const directory = await call<{ secret: string }>(browser, 'POST', '/v1/api-keys', 201, {
    headers: csrf,
    body: { label: `Directory ${canary}`, permissions: ['provisioning:sync'] },
  });
  const further = await furnishFurther(
    {
      ...{ browser, csrf, canary, domain },
      ...{ member: member.id, self: self.identity.id, account: account.id, accessReview: accessReview.id },
    },
    new WebClient(living.apiUrl, { authorization: `Bearer ${directory.secret}` }),
  );
  const visitor = await signInByLink(
    living.portalUrl,
    (subject, least) => mailOf({ api }, reader, subject, least),
    {
      remember: true,
      headers: fromSomewhere(),
    },
  );
  const item = /\/messages\/([0-9a-f-]{36})/.exec(visitor.path)?.[1] ?? '';
  const notice = await mailOf({ api }, reader, /secure message/i, 1);
  const box = `/v1/sandbox/mailboxes/${reader}/messages`;
  const mails = await call<{ items: { id: string }[] }>(api, 'GET', box, 200);
  const sessions = await call<{ items: { id: string }[] }>(browser, 'GET', '/v1/sessions', 200);
  const devices = await call<{ items: { id: string }[] }>(browser, 'GET', '/v1/devices', 200);
  const events = await call<{ items: { id: string }[] }>(api, 'GET', '/v1/events', 200);
  const entries = await call<{ items: { id: string }[] }>(api, 'GET', '/v1/audit', 200);
  const organisation = await call<{ id: string; domains: { id: string }[] }>(
    api,
    'GET',
    '/v1/organisation',
    200,
  );
  const deliveryTo = (to: string): string => message.deliveries.find((one) => one.to === to)?.id ?? '';
  return {
    organisation: organisation.id,
    canary,
    apiKey: issued.secret,
    scimKey: directory.secret,
    csrf: session.csrf,
    cookies: browser.cookies,
    prover: browser.prover,
    portalCookies: visitor.cookies,
    linkToken: /\/m\/([\w-]+)/.exec(notice.text)?.[1] ?? '',
    mailbox: reader,
    mails: mails.items.map((one) => one.id),
    domain,
    idempotencyKey,
    ids: {
      certificate: certificate.id,
      'trust anchor': anchor.id,
      'certificate directory': listing.id,
      organisation: organisation.id,
      message: message.id,
      'waiting message': waiting.id,
      delivery: deliveryTo(`anna.${canary}@good-tls.test`),
      'portal delivery': deliveryTo(reader),
      'api key': issued.key.id,
      'service account': account.id,
      'access review': accessReview.id,
      'emergency access': emergency.id,
      'pdf password': pdfPassword.id,
      waiver: waiver.id,
      recipient: recipient.id,
      ...workbench,
      ...further,
      ...(await living.later(self.identity.id, further['directory connection'])),
      member: member.id,
      session: sessions.items[0]?.id ?? '',
      device: devices.items[0]?.id ?? '',
      domain: organisation.domains[0]?.id ?? '',
      'audit entry': entries.items[0]?.id ?? '',
      event: events.items[0]?.id ?? '',
      'portal item': item,
      'portal person': await living.personOf(item),
    },
  };
}

async function storePolicy(api: WebClient, canary: string): Promise<Record<string, unknown>> {
  const policy = await call<Record<string, unknown>>(api, 'GET', '/v1/policy', 200);
  const { version, createdAt, createdBy, offered, ...document } = policy;
  void [createdAt, createdBy, offered];
  const recipients = [
    { address: `policy.${canary}@good-tls.test`, methods: ['portal'], tls: null, exclusive: null },
  ];
  await call(api, 'PUT', '/v1/policy', 200, {
    headers: { 'if-match': `"${String(version)}"` },
    body: { ...document, recipients },
  });
  return { ...document, recipients };
}

/** A draft, a try of it, and a change that waits for a second person. */
async function useWorkbench(
  api: WebClient,
  browser: WebClient,
  headers: Readonly<Record<string, string>>,
  policy: Record<string, unknown>,
  canary: string,
) {
  const draft = await call<{ id: string }>(api, 'POST', '/v1/policy/drafts', 201, {
    body: { name: `Draft ${canary}`, policy, baseVersion: 2 },
  });
  const replay = await call<{ id: string }>(api, 'POST', '/v1/policy/replays', 202, {
    body: { policy, days: 1 },
  });
  await call(browser, 'PUT', '/v1/policy/settings', 200, { headers, body: { fourEyes: true } });
  const proposed = await call<{ proposal: string }>(browser, 'PUT', '/v1/policy', 202, {
    headers: { ...headers, 'if-match': '"2"' },
    body: { ...policy, giveUpDays: 4 },
  });
  return {
    'policy draft': draft.id,
    'policy replay': replay.id,
    'policy proposal': proposed.proposal,
  };
}
