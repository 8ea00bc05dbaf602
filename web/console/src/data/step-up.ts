import { client, unwrap } from '../api.ts';
import { assertPasskey } from './passkey.ts';

export function stepUpWays() {
  return unwrap(client.GET('/v1/session/step-up'));
}

export function stepUpWithTotp(code: string) {
  return unwrap(client.POST('/v1/session/step-up/totp', { body: { code } }));
}

export async function stepUpWithPasskey() {
  const { ceremony, options } = await unwrap(
    client.POST('/v1/session/step-up/passkey/options', { body: {} }),
  );
  const response = await assertPasskey(options);
  return unwrap(client.POST('/v1/session/step-up/passkey', { body: { ceremony, response } }));
}
