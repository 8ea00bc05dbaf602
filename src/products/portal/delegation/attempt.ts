import { z } from 'zod';
import { INSTALLATION } from '#core/ids';
import { KeyMissing, KeyShredded, SealBroken, type Vault } from '#platform/vault';

/** The browser keeps what must be known when it comes back from the provider; as long as a sign-in there may take. */
export const ATTEMPT_SECONDS = 600;

const attemptSchema = z.strictObject({
  delegation: z.uuid(),
  /** The state of the delegation that it began with: a change in between ends it. */
  version: z.string(),
  /** The message that it is to end at, by either of its ids. */
  target: z.uuid().nullable(),
  until: z.number(),
  pending: z.strictObject({
    state: z.string(),
    nonce: z.string(),
    verifier: z.string(),
    maxAge: z.number().nullable(),
  }),
});

/**
 * A sign-in under way at an organisation's portal. It stands sealed in the browser's own cookie and nowhere else: beginning one
 * writes nothing here, so that whoever follows links changes nothing, and an answer is good only in the browser that asked.
 */
export type Attempt = z.output<typeof attemptSchema>;

const BINDING = { organisation: INSTALLATION, field: 'portal.delegation', row: 'cookie/1' } as const;

export async function sealAttempt(vault: Vault, attempt: Attempt): Promise<string> {
  return (await vault.sealValue('identity', BINDING, JSON.stringify(attempt))).toString('base64url');
}

/** Null for anything that this installation did not seal, and for what is over. */
export async function openAttempt(
  vault: Vault,
  cookie: string | undefined,
  now: Date,
): Promise<Attempt | null> {
  if (cookie === undefined || cookie.length > 2_000) return null;
  try {
    const opened = await vault.openValue(BINDING, Buffer.from(cookie, 'base64url'));
    const read = attemptSchema.safeParse(JSON.parse(opened.toString('utf8')));
    return read.success && read.data.until > now.getTime() ? read.data : null;
  } catch (error) {
    // Forged, cut, or sealed under a key that is gone: all mean "begin again".
    if (error instanceof SealBroken || error instanceof KeyShredded || error instanceof KeyMissing)
      return null;
    throw error;
  }
}
