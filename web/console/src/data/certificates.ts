import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, done, given, unwrap } from '../api.ts';
import type { CertificateDirectorySettings, SmimeSettingsInput } from '../api-types.ts';

/** Looking at recipients' certificates is on record, so it is not asked for in the background. */
export const certificatesQuery = infiniteQueryOptions({
  queryKey: ['certificates'],
  queryFn: ({ pageParam, signal }) => {
    const query = { ...given({ cursor: pageParam ?? undefined }), limit: 100 };
    return unwrap(client.GET('/v1/certificates', { params: { query }, signal }));
  },
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
  refetchOnWindowFocus: false,
});

export function addCertificate(address: string, certificate: string) {
  return unwrap(client.POST('/v1/certificates', { body: { address, certificate } }));
}

export function takeFromMail(message: Blob) {
  return unwrap(
    client.POST('/v1/certificates/signed-mail', {
      // The document knows a raw body as text; it goes out as the octets of the file.
      body: message as unknown as string,
      bodySerializer: (body: unknown) => body as Blob,
      headers: { 'content-type': 'message/rfc822' },
    }),
  );
}

export function removeCertificate(id: string): Promise<void> {
  return done(client.DELETE('/v1/certificates/{id}', { params: { path: { id } } }));
}

export const anchorsQuery = queryOptions({
  queryKey: ['trust-anchors'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/trust-anchors', { signal })),
});

export function addAnchor(certificate: string) {
  return unwrap(client.POST('/v1/trust-anchors', { body: { certificate } }));
}

export function removeAnchor(id: string): Promise<void> {
  return done(client.DELETE('/v1/trust-anchors/{id}', { params: { path: { id } } }));
}

export const signingQuery = queryOptions({
  queryKey: ['signing-certificate'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/signing-certificate', { signal })),
});

export function importSigning(file: string, passphrase: string) {
  return unwrap(client.PUT('/v1/signing-certificate', { body: { kind: 'pkcs12', file, passphrase } }));
}

export function retireSigning(): Promise<void> {
  return done(client.DELETE('/v1/signing-certificate'));
}

export const smimeSettingsQuery = queryOptions({
  queryKey: ['smime-settings'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/smime-settings', { signal })),
});

export function saveSmimeSettings(settings: SmimeSettingsInput) {
  return unwrap(client.PUT('/v1/smime-settings', { body: settings }));
}

export const directoriesQuery = queryOptions({
  queryKey: ['certificate-directories'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/certificate-directories', { signal })),
});

export function addDirectory(settings: CertificateDirectorySettings) {
  return unwrap(client.POST('/v1/certificate-directories', { body: settings }));
}

export function replaceDirectory(id: string, settings: CertificateDirectorySettings) {
  return unwrap(client.PUT('/v1/certificate-directories/{id}', { params: { path: { id } }, body: settings }));
}

export function removeDirectory(id: string): Promise<void> {
  return done(client.DELETE('/v1/certificate-directories/{id}', { params: { path: { id } } }));
}

export function testDirectory(id: string, address: string) {
  return unwrap(
    client.POST('/v1/certificate-directories/{id}/test', { params: { path: { id } }, body: { address } }),
  );
}
