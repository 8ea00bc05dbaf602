/**
 * Shapes of the API as the console reads them. Times are ISO 8601 in UTC; ids are opaque text.
 * Every list answers a cursor page; every error is a problem document (RFC 9457).
 */
export type Time = string;

export interface Page<T> {
  items: T[];
  /** Cursor of the next page, null at the end. */
  next: string | null;
}

/** RFC 9457; `code` is a refusal code of the core, `request` the reference id that support asks for. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  parameters?: Record<string, string | number> | undefined;
  /** What does not fit the request's schema, by path and code (422). */
  errors?: { place: 'params' | 'query' | 'headers' | 'body'; path: string; code: string }[] | undefined;
  request?: string | undefined;
}

export type Mode = 'sandbox' | 'live';
export type FactorKind = 'totp' | 'passkey' | 'recovery-code';

// ---------------------------------------------------------------- session, set-up, sign-in

/** GET /v1/session; also the body that ends a sign-in or the set-up (with Set-Cookie). */
export interface Session {
  identity: { id: string; displayName: string; address: string };
  organisation: OrganisationRef;
  organisations: OrganisationRef[];
  permissions: string[];
  mode: Mode;
  expiresAt: Time;
  /** Value for the header X-Sealpost-CSRF of unsafe requests. */
  csrf: string;
}

export interface OrganisationRef {
  id: string;
  name: string;
  slug: string;
}

/** GET /v1/setup */
export interface SetupState {
  state: 'open' | 'done';
  /** Addresses the installation has now, as defaults of the form. */
  consoleUrl: string | null;
  portalUrl: string | null;
}

/** POST /v1/setup/start → Ceremony; nothing is stored for good before the factor is confirmed. */
export interface SetupStart {
  token: string;
  organisationName: string;
  displayName: string;
  address: string;
  passphrase: string;
  consoleUrl?: string | undefined;
  portalUrl?: string | undefined;
}

export interface Ceremony {
  ceremony: string;
  /** The factors this person can use now, most phishing-resistant first. */
  factors: FactorKind[];
  expiresAt: Time;
}

/** POST /v1/setup/totp/options {ceremony}. `svg` is an SVG document: the console shows it through a data: URL (img-src). */
export interface TotpEnrolment {
  uri: string;
  /** Base32, for typing by hand. */
  secret: string;
  svg: string;
}

/** POST /v1/setup/totp {ceremony, code} and POST /v1/setup/passkey {ceremony, response, label} → signed in. */
export interface SetupDone {
  session: Session;
  /** Shown once. */
  recoveryCodes: string[];
}

/** POST /v1/setup/passkey/options and POST /v1/sign-in/passkey/options {ceremony} → WebAuthn options as JSON. */
export interface PasskeyOptions<Options> {
  options: Options;
}

/** POST /v1/setup/recovery-kit {} → the kit and the code that opens it; each call makes a new one and is audited. */
export interface RecoveryKit {
  fileName: string;
  content: string;
  code: string;
}

/** GET /v1/sessions; DELETE /v1/sessions/{id} → 204. */
export interface SessionEntry {
  id: string;
  current: boolean;
  createdAt: Time;
  lastUsedAt: Time;
  expiresAt: Time;
  /** IP address of the browser. */
  address: string | null;
  factors: FactorKind[];
}

// ---------------------------------------------------------------- shared words

export type Method = 'tls' | 'pgp' | 'smime' | 'pdf' | 'portal' | 'waiver';
export type SensitivityClass = 'ordinary' | 'light' | 'high';
export type Stream = 'transactional' | 'business' | 'marketing';
export type DeliveryState =
  | 'queued'
  | 'deferred'
  | 'held'
  | 'delivered'
  | 'portal-waiting'
  | 'portal-read'
  | 'bounced'
  | 'expired'
  | 'not-delivered'
  | 'cancelled'
  | 'retracted';
export type MessageState = 'accepted' | 'cancelled' | 'retracted';

export interface TlsRequirement {
  minimum: '1.2' | '1.3';
  authentication: 'verified' | 'encrypted-only';
}

export interface Reason {
  code: string;
  parameters: Record<string, string | number>;
}

export interface Decision {
  method: Method | 'none';
  order: Method[];
  tls: TlsRequirement;
  policyVersion: number;
  reasons: Reason[];
}

/** Who acted, with a name to show (person's display name, API key's label). */
export interface ActorView {
  kind: 'person' | 'api-key' | 'recipient' | 'system';
  id: string;
  label: string;
}

// ---------------------------------------------------------------- overview

/** GET /v1/overview */
export interface Overview {
  /** Deliveries that need somebody; each number links to the list of the same filter. */
  attention: { held: number; failing: number; bounced: number; unreadInPortal: number };
  /** Deliveries begun today (organisation's zone), by the method in use. */
  today: { since: Time; total: number; methods: { method: Method | 'none' | 'undecided'; count: number }[] };
  /** The five newest messages. */
  recent: MessageSummary[];
}

// ---------------------------------------------------------------- messages

/**
 * Filter of GET /v1/messages?state=&cursor=&limit= (limit 1–200, newest first): messages with at least one delivery in it.
 * `on-the-way` = queued or deferred, `failing` = deferred after at least one attempt, `unread` = portal-waiting.
 */
export type MessageFilter = 'on-the-way' | 'failing' | 'unread' | DeliveryState;

/** POST /v1/messages/search → Page<MessageSummary>. Terms are never in a URL. */
export interface MessageSearch {
  text?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  state?: MessageFilter | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
}

export interface MessageSummary {
  id: string;
  acceptedAt: Time;
  subject: string;
  from: string;
  /** The first three recipients; `recipients` counts all. */
  to: string[];
  recipients: number;
  size: number;
  source: 'smtp' | 'api' | 'portal';
  class: SensitivityClass;
  stream: Stream;
  state: MessageState;
  /** Deliveries per state. */
  states: { state: DeliveryState; count: number }[];
  /** Distinct methods used or decided so far. */
  methods: (Method | 'none')[];
}

/** GET /v1/messages/{id} */
export interface MessageDetail extends MessageSummary {
  messageId: string;
  priority: number;
  dueAt: Time;
  giveUpAt: Time;
  portalExpiresAt: Time;
  policyVersion: number;
  actor: ActorView;
  inReplyTo: string | null;
  deliveries: DeliveryDetail[];
  /** Portal replies to this message (messages of their own). */
  replies: { id: string; from: string; subject: string; acceptedAt: Time }[];
  /** True while POST …/cancel (something not yet sent) or …/retract (something in the portal) can still do something. */
  canCancel: boolean;
  canRetract: boolean;
}

/** Also GET /v1/deliveries/{id} */
export interface DeliveryDetail {
  id: string;
  to: string;
  state: DeliveryState;
  method: Method | 'none' | null;
  decision: Decision | null;
  /** Oldest first. */
  attempts: AttemptView[];
  lastCode: string | null;
  lastStatus: string | null;
  nextAttemptAt: Time | null;
  finishedAt: Time | null;
  /** Set when the copy went to the portal. */
  portal: { expiresAt: Time; firstReadAt: Time | null; acts: { act: PortalAct; at: Time }[] } | null;
  /** True once GET /v1/deliveries/{id}/proof answers. */
  hasProof: boolean;
}

export type PortalAct = 'opened' | 'downloaded' | 'replied' | 'printed';

export interface AttemptView {
  id: string;
  number: number;
  method: Method;
  startedAt: Time;
  endedAt: Time;
  result: 'delivered' | 'deferred' | 'bounced' | 'protection-unavailable' | 'in-portal';
  /** DeferCode, BounceCode or FailureCode. */
  code: string | null;
  host: string | null;
  address: string | null;
  tlsVersion: string | null;
  cipher: string | null;
  certificate: {
    fingerprint: string;
    subject: string | null;
    issuer: string | null;
    notAfter: Time | null;
  } | null;
  authenticatedBy: 'dane' | 'mta-sts' | 'pkix' | 'none';
  reply: { code: number; enhanced: string | null; text: string } | null;
}

/** GET /v1/deliveries/{id}/proof */
export interface ProofDocument {
  record: {
    format: string;
    id: string;
    organisation: string;
    message: string;
    delivery: string;
    recipientHash: string;
    recipientDomain: string;
    method: Method | 'none';
    outcome: string;
    transport: {
      host: string | null;
      tlsVersion: string | null;
      cipher: string | null;
      certificateFingerprint: string | null;
      authenticatedBy: string;
    };
    contentHash: string;
    policyVersion: number;
    reasons: Reason[];
    at: Time;
  };
  /** Base64 signature over the canonical record, key id, and the public key as PEM or base64 SPKI. */
  signed: string;
  signature: string;
  keyId: string;
  publicKey: string;
}

/** GET /v1/messages/{id}/content (audited); attachments by GET /v1/messages/{id}/attachments/{index}. */
export interface MessageContent {
  subject: string;
  from: string;
  to: string[];
  text: string;
  attachments: { index: number; name: string; type: string; size: number }[];
}

/** POST /v1/messages, header Idempotency-Key. */
export interface NewMessage {
  from?: string | undefined;
  to: string[];
  subject: string;
  text: string;
  class?: SensitivityClass | undefined;
  stream?: Stream | undefined;
  attachments?: { name: string; type: string /** Base64 */; content: string }[] | undefined;
}

export interface Accepted {
  id: string;
  deliveries: { id: string; to: string }[];
}

/** POST /v1/messages/{id}/cancel */
export interface CancelResult {
  deliveries: { id: string; to: string; result: 'cancelled' | 'too-late' }[];
}

/** POST /v1/messages/{id}/retract: the truth of what can be recalled (portal copies only). */
export interface RetractResult {
  deliveries: {
    id: string;
    to: string;
    result: 'retracted' | 'retracted-after-read' | 'cancelled' | 'cannot-recall';
  }[];
}

/**
 * GET /v1/messages/{id}/events (server-sent): event name `change`, id the sequence, data this JSON. The console then reads
 * the message again, so the stream carries no content. A comment line every 15 s keeps it open.
 */
export interface ChangeEvent {
  type: string;
  occurredAt: Time;
  delivery: string | null;
}

// ---------------------------------------------------------------- policy

export interface PolicyOverride {
  methods: Method[] | null;
  tls: TlsRequirement | null;
  exclusive: boolean | null;
}

export interface PolicyDocument {
  methods: Method[];
  tls: TlsRequirement;
  tlsHighestClass: SensitivityClass;
  exclusive: boolean;
  domains: (PolicyOverride & { domain: string })[];
  recipients: (PolicyOverride & { address: string })[];
  portalExpiryDays: number;
  giveUpDays: number;
}

/** GET /v1/policy (ETag "version"), GET /v1/policy/versions → Page<PolicyVersion>; PUT /v1/policy PolicyDocument with If-Match: "version". */
export interface PolicyVersion extends PolicyDocument {
  version: number;
  createdAt: Time;
  createdBy: ActorView;
  /** Methods that this Sealpost can offer now (doors that are built and configured). */
  offered: Method[];
}

/** POST /v1/policy/preview → Decision. With `policy` the unsaved draft is tried. */
export interface PolicyPreview {
  address: string;
  class: SensitivityClass;
  policy?: PolicyDocument | undefined;
}

// ---------------------------------------------------------------- API keys, organisation, installation

/** GET /v1/api-keys → Page<ApiKey> */
export interface ApiKey {
  id: string;
  label: string;
  prefix: string;
  permissions: string[];
  networks: string[];
  createdAt: Time;
  expiresAt: Time | null;
  lastUsedAt: Time | null;
  revokedAt: Time | null;
}

/** POST /v1/api-keys */
export interface NewApiKey {
  label: string;
  permissions: string[];
  networks?: string[] | undefined;
  expiresAt?: Time | undefined;
}

/** Answer of create and of POST /v1/api-keys/{id}/rotate; the secret is shown once. */
export interface IssuedApiKey {
  key: ApiKey;
  secret: string;
}

/** GET /v1/organisation, PATCH {name?, timeZone?, locale?} */
export interface Organisation extends OrganisationRef {
  timeZone: string;
  locale: string;
  domains: { id: string; name: string }[];
}

/** GET /v1/members → Page<Member> */
export interface Member {
  identity: { id: string; displayName: string; address: string };
  roles: string[];
  factors: FactorKind[];
  createdAt: Time;
  /** False until the invitation has been taken up. */
  canSignIn: boolean;
}

export type Role = 'administrator' | 'sender' | 'auditor' | 'compliance-officer';

/** POST /v1/members */
export interface NewMember {
  address: string;
  displayName: string;
  roles: Role[];
}

/** The link of an invitation is `<console>/invitation#<token>`; null when the person can sign in already. */
export interface AddedMember {
  id: string;
  invitation: { token: string; expiresAt: Time } | null;
}

/** GET /v1/installation; PATCH {consoleUrl?, portalUrl?}; POST /v1/installation/mode {mode:'live'} → Installation */
export interface Installation {
  mode: Mode;
  version: string;
  consoleUrl: string | null;
  portalUrl: string | null;
  setUpAt: Time | null;
  submission: { host: string; startTlsPort: number | null; implicitTlsPort: number | null };
}

// ---------------------------------------------------------------- audit

/** GET /v1/audit?cursor=&limit=&action= → Page<AuditEntry>, newest first. `action` is a prefix such as `session.`. */
export interface AuditEntry {
  id: string;
  /** Place in the Merkle log; null while it waits for the sequencer. */
  position: number | null;
  recordedAt: Time;
  action: string;
  actor: ActorView;
  origin: { address: string | null; channel: string };
  result: 'done' | 'refused' | 'failed';
  subjects: { kind: string; id: string }[];
  details: Record<string, string | number | boolean | null>;
}

/** GET /v1/audit/state */
export interface AuditState {
  size: number;
  unplaced: number;
  lastCheckpoint: { size: number; root: string; createdAt: Time; witnessedAt: Time | null } | null;
}

/** POST /v1/audit/verify {} */
export interface AuditVerification {
  ok: boolean;
  checkedAt: Time;
  entries: number;
  /** How many of them lie below the newest signed checkpoint. */
  signedEntries: number;
  witness: 'present' | 'none';
  durationMs: number;
  problems: { code: string; position: number | null }[];
}

// ---------------------------------------------------------------- sandbox

/** GET /v1/sandbox/peers → {items} */
export interface SandboxPeer {
  address: string;
  domain: string;
  /** good-tls, no-tls, wrong-cert, slow, unknown-user */
  temperament: string;
}

/** GET /v1/sandbox/mailboxes → {items} */
export interface SandboxMailbox {
  address: string;
  messages: number;
  newestAt: Time | null;
}

/** GET /v1/sandbox/mailboxes/{address}/messages → {items}, newest first */
export interface SandboxMessageSummary {
  id: string;
  receivedAt: Time;
  from: string;
  subject: string;
  size: number;
  /** How the mail came in. */
  tlsVersion: string | null;
}

/** GET /v1/sandbox/mailboxes/{address}/messages/{id} */
export interface SandboxMessage extends SandboxMessageSummary {
  to: string;
  cipher: string | null;
  headers: { name: string; value: string }[];
  text: string;
  attachments: { name: string; type: string; size: number }[];
}
