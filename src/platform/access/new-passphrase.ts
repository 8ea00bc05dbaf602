import { Refusal } from '#core/errors';
import { judgePassphrase, normalisePassphrase } from './passphrase.ts';
import { hashPassphrase } from './passphrase-hash.ts';
import type { AccessPorts } from './ports.ts';
import type { SignInRule } from './sign-in-policy.ts';

/** Only where an organisation asks for it: lower case, upper case, a digit, a sign. */
const MIXTURE: readonly RegExp[] = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u];

/**
 * The hash of a new passphrase that passes. Refusal `invalid` (path `passphrase`) with the reason otherwise: the organisation's rule,
 * words that stand near the person, and the list of breached ones, asked for what was typed and for its lower-case form.
 */
export async function hashNewPassphrase(
  { breached }: Pick<AccessPorts, 'breached'>,
  passphrase: string,
  context: readonly string[],
  rule?: SignInRule['passphrase'],
): Promise<string> {
  const refuse = (reason: string) => new Refusal('invalid', { path: 'passphrase', reason });
  const verdict = judgePassphrase(passphrase, context, rule?.minimum);
  if (!verdict.ok) throw refuse(verdict.reason);
  const plain = normalisePassphrase(passphrase);
  if (rule?.mixture === true && MIXTURE.some((kind) => !kind.test(plain))) throw refuse('mixture');
  for (const one of breached === null ? [] : new Set([plain, plain.toLowerCase()]))
    if (await breached?.has(one)) throw refuse('breached');
  return hashPassphrase(passphrase);
}
