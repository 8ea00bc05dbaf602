import { queryOptions } from '@tanstack/react-query';
import { client, done, unwrap } from '../api.ts';
import type { SignInRule } from '../api-types.ts';
import { makePasskey } from './passkey.ts';

export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/account', { signal })),
  // It changes by one's own acts, which say so; on signing out the page that is still drawn must not ask again.
  staleTime: 300_000,
});

export async function addPasskey(label: string): Promise<void> {
  const { ceremony, options } = await unwrap(client.POST('/v1/account/passkey/options', { body: {} }));
  const response = await makePasskey(options);
  return done(client.POST('/v1/account/passkey', { body: { ceremony, response, label } }));
}

export function beginTotp() {
  return unwrap(client.POST('/v1/account/totp/options', { body: {} }));
}

export function addTotp(ceremony: string, code: string, label: string): Promise<void> {
  return done(client.POST('/v1/account/totp', { body: { ceremony, code, label } }));
}

export const ownCertificateQuery = queryOptions({
  queryKey: ['account', 'certificate'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/account/certificate', { signal })),
  // What the browser shows is the connection's, and connections come and go.
  staleTime: 0,
  gcTime: 0,
});

export function addCertificate(label: string): Promise<void> {
  return done(client.POST('/v1/account/certificate', { body: { label } }));
}

export function textTelephone(number: string) {
  return unwrap(client.POST('/v1/account/telephone/options', { body: { number } }));
}

export function addTelephone(ceremony: string, code: string, label: string): Promise<void> {
  return done(client.POST('/v1/account/telephone', { body: { ceremony, code, label } }));
}

export function renameFactor(id: string, label: string): Promise<void> {
  return done(client.PATCH('/v1/account/factors/{id}', { params: { path: { id } }, body: { label } }));
}

export function removeFactor(id: string): Promise<void> {
  return done(client.DELETE('/v1/account/factors/{id}', { params: { path: { id } } }));
}

export function renewRecoveryCodes() {
  return unwrap(client.POST('/v1/account/recovery-codes', { body: {} }));
}

export function changePassphrase(old: string, passphrase: string): Promise<void> {
  return done(client.PUT('/v1/account/passphrase', { body: { old, passphrase } }));
}

export const signInRuleQuery = queryOptions({
  queryKey: ['sign-in-policy'],
  queryFn: ({ signal }) => unwrap(client.GET('/v1/sign-in-policy', { signal })),
});

export function changeSignInRule(rule: SignInRule) {
  return unwrap(client.PUT('/v1/sign-in-policy', { body: rule }));
}

/** A one-time link for somebody who has lost what they sign in with. */
export function startRecovery(id: string) {
  return unwrap(client.POST('/v1/members/{id}/recovery', { params: { path: { id } }, body: {} }));
}

export function mailRecoveryCode(token: string): Promise<void> {
  return done(client.POST('/v1/recovery/code', { body: { token } }));
}

export function confirmRecovery(token: string, code: string, passphrase: string) {
  return unwrap(client.POST('/v1/recovery/confirm', { body: { token, code, passphrase } }));
}
