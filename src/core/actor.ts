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
}

/**
 * An authenticated caller bound to exactly one organisation: what a use case receives.
 * `permissions` is what the caller holds there; `requireAccess` and `hasAccess` are the only doors that read it.
 */
export interface Caller {
  readonly organisation: OrganisationId;
  readonly actor: Actor;
  readonly origin: Origin;
  readonly permissions: ReadonlySet<Permission>;
  /** Public id of the request, for error pages and logs. */
  readonly request: string;
}

/** Verb and resource kind. Scopes below the organisation come with a later issue. */
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
  | 'members:read'
  | 'members:write'
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
  'members:read',
  'members:write',
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
