import { queryOptions } from '@tanstack/react-query';
import { client, unwrap } from '../api.ts';
import type { KeyRevocationReason, OpenpgpSettingsInput } from '../api-types.ts';

export const ownKeyQuery = queryOptions({
  queryKey: ['openpgp-key'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/openpgp-key', { signal })),
});

/** `replaces` is the fingerprint of the key that is shown: who was slower changes nothing. */
export function rotateOwnKey(replaces: string) {
  return unwrap(client.POST('/v1/openpgp-key/rotate', { body: { replaces } }));
}

export function revokeOwnKey(id: string, reason: KeyRevocationReason) {
  return unwrap(client.POST('/v1/openpgp-key/{id}/revoke', { params: { path: { id } }, body: { reason } }));
}

export async function revocationCertificate(id: string): Promise<string> {
  const path = '/v1/openpgp-key/{id}/revocation-certificate';
  return (await unwrap(client.POST(path, { params: { path: { id } } }))).certificate;
}

export const keySettingsQuery = queryOptions({
  queryKey: ['openpgp-settings'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/openpgp-settings', { signal })),
});

export function saveKeySettings(settings: OpenpgpSettingsInput) {
  return unwrap(client.PUT('/v1/openpgp-settings', { body: settings }));
}
