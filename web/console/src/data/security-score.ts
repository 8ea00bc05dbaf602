import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';

export const securityScoreQuery = queryOptions({
  queryKey: ['security-score'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/security-score', { signal })),
});

export const domainProofsQuery = queryOptions({
  queryKey: ['domain-proofs'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/domain-proofs', { signal })),
});

export function checkDomainProof(domain: string) {
  return unwrap(client.POST('/v1/domain-proofs/{domain}/check', { params: { path: { domain } } }));
}

export function attest(code: string): Promise<void> {
  return done(client.PUT('/v1/security-score/attestations/{code}', { params: { path: { code } } }));
}

export function withdrawAttestation(code: string): Promise<void> {
  return done(client.DELETE('/v1/security-score/attestations/{code}', { params: { path: { code } } }));
}
