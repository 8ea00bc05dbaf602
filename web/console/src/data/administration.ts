import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, done, given, unwrap } from '../api.ts';
import type {
  PdfSettings,
  Permission,
  PolicyDocument,
  PortalSignInRule,
  SensitivityClass,
  Stream,
} from '../api-types.ts';
import type { AuditView } from '../pages/audit/audit-views.ts';
import { type DayRange, momentsOf } from './day-range.ts';

export const policyQuery = queryOptions({
  queryKey: ['policy'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/policy', { signal })),
  // An editor works on a copy: it must not be renewed under the reader's hands.
  staleTime: Number.POSITIVE_INFINITY,
  refetchOnWindowFocus: false,
});

export const policyVersionsQuery = queryOptions({
  queryKey: ['policy-versions'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/policy/versions', { signal })),
});

export function savePolicy(document: PolicyDocument, onVersion: number) {
  return unwrap(
    client.PUT('/v1/policy', { body: document, params: { header: { 'if-match': `"${onVersion}"` } } }),
  );
}

export interface PolicyPreview {
  address: string;
  class: SensitivityClass;
  stream: Stream;
  /** The unsaved draft to try. */
  policy: PolicyDocument;
}

export function previewPolicy(wanted: PolicyPreview) {
  return unwrap(client.POST('/v1/policy/preview', { body: wanted }));
}

export const portalSignInQuery = queryOptions({
  queryKey: ['portal-sign-in'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/organisation/portal-sign-in', { signal })),
});

export function changePortalSignIn(rule: PortalSignInRule) {
  return unwrap(client.PUT('/v1/organisation/portal-sign-in', { body: rule }));
}

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/api-keys', { params: { query: { limit: 200 } }, signal })),
});

export interface NewApiKey {
  label: string;
  permissions: Permission[];
  networks: string[];
  scopes: { kind: 'mailbox'; id: string }[];
  certificate: { spki: string } | null;
  serviceAccount: string | null;
  expiresAt?: string;
}

export function createApiKey(key: NewApiKey) {
  return unwrap(client.POST('/v1/api-keys', { body: key }));
}

/** Makes a successor; the old key goes on for `overlapSeconds`. */
export function rotateApiKey(id: string, overlapSeconds: number) {
  return unwrap(
    client.POST('/v1/api-keys/{id}/rotate', { params: { path: { id } }, body: { overlapSeconds } }),
  );
}

export function revokeApiKey(id: string): Promise<void> {
  return done(client.DELETE('/v1/api-keys/{id}', { params: { path: { id } } }));
}

/** Each look at the keys is on record, so they are not asked for in the background. */
export const recipientKeysQuery = queryOptions({
  queryKey: ['recipient-keys'],
  queryFn: ({ signal }) =>
    unwrap(client.GET('/v1/openpgp-keys', { params: { query: { limit: 200 } }, signal })),
  refetchOnWindowFocus: false,
});

export function addRecipientKey(key: { address: string; key: string }) {
  return unwrap(client.POST('/v1/openpgp-keys', { body: key }));
}

export type KeyVerb = 'confirm' | 'reject' | 'revoke' | 'remove';

export async function actOnKey(id: string, verb: KeyVerb): Promise<void> {
  const params = { path: { id } };
  switch (verb) {
    case 'confirm':
      await unwrap(client.POST('/v1/openpgp-keys/{id}/confirm', { params }));
      return;
    case 'reject':
      await unwrap(client.POST('/v1/openpgp-keys/{id}/reject', { params }));
      return;
    case 'revoke':
      await unwrap(client.POST('/v1/openpgp-keys/{id}/revoke', { params }));
      return;
    case 'remove':
      await done(client.DELETE('/v1/openpgp-keys/{id}', { params }));
  }
}

/** Looking at the log is itself on record, so it is not asked for in the background. */
export function auditQuery(view: AuditView, range: DayRange) {
  return infiniteQueryOptions({
    queryKey: ['audit', view, range.since ?? '', range.until ?? ''],
    queryFn: ({ pageParam, signal }) => {
      const kind = view === 'all' ? undefined : view;
      const query = { ...given({ kind, ...momentsOf(range), cursor: pageParam ?? undefined }), limit: 100 };
      return unwrap(client.GET('/v1/audit', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
  });
}

/** People or a network address behind an entry; opening them is on record, so it is asked for once and not kept. */
export function auditReferenceQuery(id: string) {
  return queryOptions({
    queryKey: ['audit-reference', id],
    queryFn: ({ signal }) =>
      unwrap(client.GET('/v1/audit/{id}/reference', { params: { path: { id } }, signal })),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

export const auditStateQuery = queryOptions({
  queryKey: ['audit-state'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/audit/state', { signal })),
  refetchInterval: 10_000,
});

export function verifyAudit() {
  return unwrap(client.POST('/v1/audit/verify'));
}

export const organisationQuery = queryOptions({
  queryKey: ['organisation'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/organisation', { signal })),
});

export interface OrganisationChange {
  name: string;
  timeZone: string;
  locale: 'en' | 'es';
  unreadNoticeDays: number;
  separateSignIn: boolean;
}

export function changeOrganisation(change: OrganisationChange) {
  return unwrap(client.PATCH('/v1/organisation', { body: change }));
}

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/sessions', { signal })),
});

export function endSession(id: string): Promise<void> {
  return done(client.DELETE('/v1/sessions/{id}', { params: { path: { id } } }));
}

export const installationQuery = queryOptions({
  queryKey: ['installation'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/installation', { signal })),
});

export interface PublicAddresses {
  consoleUrl: string;
  portalUrl: string;
}

/** There is no way back. */
export function leaveSandbox(addresses: PublicAddresses) {
  return unwrap(client.POST('/v1/installation/mode', { body: { mode: 'live', ...addresses } }));
}

export const pdfPasswordsQuery = queryOptions({
  queryKey: ['pdf-passwords'],
  queryFn: ({ signal }) =>
    unwrap(client.GET('/v1/pdf-passwords', { params: { query: { limit: 200 } }, signal })),
  // Whose passwords were looked at is on record: asked for when somebody looks, not in the background.
  refetchOnWindowFocus: false,
});

/** Without a password one is made, and the answer holds it this once. */
export function setPdfPassword(address: string, password: string) {
  const given = password === '' ? {} : { password };
  return unwrap(client.POST('/v1/pdf-passwords', { body: { address, ...given } }));
}

export function removePdfPassword(id: string) {
  return done(client.DELETE('/v1/pdf-passwords/{id}', { params: { path: { id } } }));
}

export const pdfSettingsQuery = queryOptions({
  queryKey: ['pdf-settings'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/pdf-settings', { signal })),
});

export function changePdfSettings(settings: PdfSettings) {
  return unwrap(client.PUT('/v1/pdf-settings', { body: settings }));
}

export const waiversQuery = queryOptions({
  queryKey: ['waivers'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/waivers', { params: { query: { limit: 200 } }, signal })),
  // Who was looked at is on record: asked for when somebody looks, not in the background.
  refetchOnWindowFocus: false,
});

export function recordWaiver(waiver: { address: string; text: string; language: string; expiresAt: string }) {
  return unwrap(client.POST('/v1/waivers', { body: waiver }));
}

export function withdrawWaiver(id: string) {
  return unwrap(client.POST('/v1/waivers/{id}/withdraw', { params: { path: { id } } }));
}
