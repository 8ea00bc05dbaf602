import type { ApiKey } from '../../api-types.ts';

/** Whether a key can still be used. */
export function keyState(
  key: Pick<ApiKey, 'revokedAt' | 'expiresAt'>,
  now: Date,
): 'usable' | 'expired' | 'revoked' {
  if (key.revokedAt !== null) return 'revoked';
  if (key.expiresAt !== null && new Date(key.expiresAt) <= now) return 'expired';
  return 'usable';
}
