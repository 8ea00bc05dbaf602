import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, done, given, unwrap } from '../api.ts';
import type { Permission, PolicyDocument, Role, SensitivityClass } from '../api-types.ts';

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
  /** The unsaved draft to try. */
  policy: PolicyDocument;
}

export function previewPolicy(wanted: PolicyPreview) {
  return unwrap(client.POST('/v1/policy/preview', { body: wanted }));
}

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/api-keys', { params: { query: { limit: 200 } }, signal })),
});

export interface NewApiKey {
  label: string;
  permissions: Permission[];
  networks: string[];
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

/** Looking at the log is itself on record, so it is not asked for in the background. */
export function auditQuery(action: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['audit', action ?? ''],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...given({ action, cursor: pageParam ?? undefined }), limit: 100 };
      return unwrap(client.GET('/v1/audit', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
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
}

export function changeOrganisation(change: OrganisationChange) {
  return unwrap(client.PATCH('/v1/organisation', { body: change }));
}

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/members', { params: { query: { limit: 200 } }, signal })),
});

export interface NewMember {
  address: string;
  displayName: string;
  roles: Role[];
}

export function addMember(member: NewMember) {
  return unwrap(client.POST('/v1/members', { body: member }));
}

export function removeMember(id: string): Promise<void> {
  return done(client.DELETE('/v1/members/{id}', { params: { path: { id } } }));
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
