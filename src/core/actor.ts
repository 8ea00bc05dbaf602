import type { ApiKeyId, IdentityId, OrganisationId, PortalPersonId, SessionId } from './ids.ts';

/** Who acts. Every use case, event and audit entry names one. */
export type Actor =
  | { readonly kind: 'person'; readonly identity: IdentityId; readonly session: SessionId }
  | { readonly kind: 'api-key'; readonly apiKey: ApiKeyId }
  | { readonly kind: 'recipient'; readonly person: PortalPersonId }
  | { readonly kind: 'system'; readonly component: string };

/**
 * Where an act came from. The address is that of the peer after the trusted-proxy rule, never of a header alone. With
 * channel `portal` it identifies a patient: only sealed, or as a keyed hash, may it be kept.
 */
export interface Origin {
  readonly address: string | null;
  readonly channel: 'api' | 'console' | 'portal' | 'smtp' | 'cli' | 'worker';
  /** What the browser behind the request showed of itself; for judging the request, never written down as it stands. */
  readonly browser?: BrowserSigns;
}

/** Signs of a browser: the public key that it proved to hold in this request, and what it calls itself. */
export interface BrowserSigns {
  /** Base64url of an uncompressed P-256 point; null where none was proven. */
  readonly key: string | null;
  readonly agent: string | undefined;
  /** What the organisation's own proxy reports of the device; null where nothing that is trusted says so. */
  readonly posture: string | null;
}

/**
 * An authenticated caller bound to exactly one organisation: what a use case receives.
 * `permissions` and `scoped` are what the caller holds there; `requireAccess`, `hasAccess` and `accessScopes` are the only
 * doors that read them.
 */
export interface Caller {
  readonly organisation: OrganisationId;
  readonly actor: Actor;
  readonly origin: Origin;
  readonly permissions: ReadonlySet<Permission>;
  /** What is held for single things only, beside `permissions`, which hold everywhere in the organisation. */
  readonly scoped?: ReadonlyMap<Permission, readonly Scope[]>;
  /** Public id of the request, for error pages and logs. */
  readonly request: string;
}

/** Verb and resource kind. */
export type Permission =
  | 'messages:send'
  /** Lower a message by a trigger word, where the policy allows lowering at all (SL-10). */
  | 'messages:lower'
  | 'messages:read'
  | 'messages:read-content'
  | 'messages:cancel'
  | 'policies:read'
  | 'policies:write'
  | 'api-keys:read'
  | 'api-keys:write'
  | 'audit:read'
  | 'audit:resolve'
  /** Take entries out of the system: files, and the stream to a SIEM. */
  | 'audit:export'
  /** Put on record that entries were reviewed (45 CFR 164.308(a)(1)(ii)(D)). */
  | 'audit:review'
  /** How long the audit is kept, who reviews it, where it is streamed to. */
  | 'audit:settings'
  | 'members:read'
  | 'members:write'
  /** Roles, groups, boundaries and who holds what. */
  | 'roles:read'
  | 'roles:write'
  /** How people sign in: factors demanded, passwords, single sign-on, directories. */
  | 'sign-in:read'
  | 'sign-in:write'
  /** What an outside directory needs to keep people and groups in step (SCIM). */
  | 'provisioning:sync'
  /** Conditional access, devices, time-outs. */
  | 'access-rules:read'
  | 'access-rules:write'
  /** Sessions of others. */
  | 'sessions:read'
  | 'sessions:end'
  /** Take emergency access for a time, with a reason and an alarm (45 CFR 164.312(a)(2)(ii)). */
  | 'break-glass:use'
  | 'break-glass:review'
  | 'access-reviews:read'
  | 'access-reviews:decide'
  /** Rules that watch the audit stream, and what they would have found. */
  | 'alerts:read'
  | 'alerts:write'
  | 'incidents:read'
  | 'incidents:manage'
  | 'organisation:read'
  | 'organisation:write'
  | 'sandbox:read'
  | 'recipients:read'
  | 'recipients:manage'
  | 'recipient-keys:read'
  | 'recipient-keys:write'
  | 'certificates:read'
  | 'certificates:write'
  | 'keys:rotate'
  | 'installation:operate';

export const PERMISSIONS: readonly Permission[] = [
  'messages:send',
  'messages:lower',
  'messages:read',
  'messages:read-content',
  'messages:cancel',
  'policies:read',
  'policies:write',
  'api-keys:read',
  'api-keys:write',
  'audit:read',
  'audit:resolve',
  'audit:export',
  'audit:review',
  'audit:settings',
  'members:read',
  'members:write',
  'roles:read',
  'roles:write',
  'sign-in:read',
  'sign-in:write',
  'provisioning:sync',
  'access-rules:read',
  'access-rules:write',
  'sessions:read',
  'sessions:end',
  'break-glass:use',
  'break-glass:review',
  'access-reviews:read',
  'access-reviews:decide',
  'alerts:read',
  'alerts:write',
  'incidents:read',
  'incidents:manage',
  'organisation:read',
  'organisation:write',
  'sandbox:read',
  'recipients:read',
  'recipients:manage',
  'recipient-keys:read',
  'recipient-keys:write',
  'certificates:read',
  'certificates:write',
  'keys:rotate',
  'installation:operate',
];

/** What a permission can be narrowed to, below the organisation. */
export const SCOPE_KINDS = ['stream', 'mailbox', 'list', 'form', 'case'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/**
 * One thing. A mailbox's id is its address in lower case, a stream's its name, the others' their id. `care` is given by the
 * rule of care relationships alone: it opens what its holder has sent, or what concerns their patients.
 */
export interface Scope {
  readonly kind: ScopeKind | 'care';
  readonly id: string;
}
