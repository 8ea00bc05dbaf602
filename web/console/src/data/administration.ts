import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, path } from '../api.ts';
import type {
  AddedMember,
  ApiKey,
  AuditEntry,
  AuditState,
  AuditVerification,
  Decision,
  Installation,
  IssuedApiKey,
  Member,
  NewApiKey,
  NewMember,
  Organisation,
  Page,
  PolicyDocument,
  PolicyPreview,
  PolicyVersion,
  SessionEntry,
} from '../api-types.ts';

export const policyQuery = queryOptions({
  queryKey: ['policy'],
  queryFn: ({ signal }) => api.get<PolicyVersion>('/v1/policy', { signal }),
  // An editor works on a copy: it must not be renewed under the reader's hands.
  staleTime: Number.POSITIVE_INFINITY,
  refetchOnWindowFocus: false,
});

export const policyVersionsQuery = queryOptions({
  queryKey: ['policy-versions'],
  queryFn: ({ signal }) => api.get<Page<PolicyVersion>>('/v1/policy/versions', { signal }),
});

export function savePolicy(document: PolicyDocument, onVersion: number): Promise<PolicyVersion> {
  return api.put<PolicyVersion>('/v1/policy', { body: document, headers: { 'if-match': `"${onVersion}"` } });
}

export function previewPolicy(wanted: PolicyPreview): Promise<Decision> {
  return api.post<Decision>('/v1/policy/preview', { body: wanted });
}

export const apiKeysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => api.get<Page<ApiKey>>('/v1/api-keys', { signal }),
});

export function createApiKey(key: NewApiKey): Promise<IssuedApiKey> {
  return api.post<IssuedApiKey>('/v1/api-keys', { body: key });
}

/** Makes a successor; the old key goes on for `overlapSeconds`. */
export function rotateApiKey(id: string, overlapSeconds: number): Promise<IssuedApiKey> {
  return api.post<IssuedApiKey>(path`/v1/api-keys/${id}/rotate`, { body: { overlapSeconds } });
}

export function revokeApiKey(id: string): Promise<void> {
  return api.act('DELETE', path`/v1/api-keys/${id}`);
}

export function auditQuery(action: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['audit', action ?? ''],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<AuditEntry>>('/v1/audit', {
        query: { action, cursor: pageParam ?? undefined, limit: 100 },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export const auditStateQuery = queryOptions({
  queryKey: ['audit-state'],
  queryFn: ({ signal }) => api.get<AuditState>('/v1/audit/state', { signal }),
  refetchInterval: 10_000,
});

export function verifyAudit(): Promise<AuditVerification> {
  return api.post<AuditVerification>('/v1/audit/verify', { body: {} });
}

export const organisationQuery = queryOptions({
  queryKey: ['organisation'],
  queryFn: ({ signal }) => api.get<Organisation>('/v1/organisation', { signal }),
});

export function changeOrganisation(change: Partial<Pick<Organisation, 'name' | 'timeZone' | 'locale'>>) {
  return api.patch<Organisation>('/v1/organisation', { body: change });
}

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: ({ signal }) => api.get<Page<Member>>('/v1/members', { signal }),
});

export function addMember(member: NewMember): Promise<AddedMember> {
  return api.post<AddedMember>('/v1/members', { body: member });
}

export function removeMember(id: string): Promise<void> {
  return api.act('DELETE', path`/v1/members/${id}`);
}

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => api.get<Page<SessionEntry>>('/v1/sessions', { signal }),
});

export function endSession(id: string): Promise<void> {
  return api.act('DELETE', path`/v1/sessions/${id}`);
}

export const installationQuery = queryOptions({
  queryKey: ['installation'],
  queryFn: ({ signal }) => api.get<Installation>('/v1/installation', { signal }),
});

export interface PublicAddresses {
  consoleUrl: string;
  portalUrl: string;
}

export function leaveSandbox(addresses: PublicAddresses): Promise<Installation> {
  return api.post<Installation>('/v1/installation/mode', { body: { mode: 'live', ...addresses } });
}
