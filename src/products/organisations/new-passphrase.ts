import { Refusal } from '#core/errors';
import { hashPassphrase, judgePassphrase } from '#platform/access';

/** The hash of a passphrase that passes; Refusal `invalid` with the reason otherwise. */
export async function hashNewPassphrase(passphrase: string, context: readonly string[]): Promise<string> {
  const verdict = judgePassphrase(passphrase, context);
  if (!verdict.ok) throw new Refusal('invalid', { path: 'passphrase', reason: verdict.reason });
  return hashPassphrase(passphrase);
}
