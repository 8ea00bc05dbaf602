import type { HeldRequest } from '#platform/http';

/** One value of a request that waits, for whoever decides on it. */
export interface AskedFor {
  /** Where it stands: `params.id`, `body.retentionYears`. */
  readonly name: string;
  /** Null: it is a secret, which is no second person's. */
  readonly value: string | null;
}

/** Of fields by their last name. `second-person.test.ts` asks of every act that may wait whether it has others. */
export const SECRET_FIELD = /(?:passphrase|password|passcode|secret|credential|token|key)s?$/i;
/** Below these whoever asks chooses the names (of roles), and nothing is secret: else they would choose what is not seen. */
export const NAMED_BY_ASKER = ['caps'];
const BELOW_NAMED = new RegExp(`^body\\.(?:${NAMED_BY_ASKER.join('|')})\\.`);
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----/gs;

/**
 * What a request asks for, value by value, in its order. All of it and of texts the whole: nobody can approve what they do not see,
 * and who asks could put what must not be seen behind what is left out. What is secret by its name, and private keys, are left
 * out. The request was taken, so its size has a bound. Pure.
 */
export function askedFor({ params, query, headers, body }: HeldRequest): AskedFor[] {
  const found: AskedFor[] = [];
  const visit = (name: string, value: unknown): void => {
    if (value === undefined) return;
    if (value === null) found.push({ name, value: '' });
    else if (Array.isArray(value)) {
      if (value.length === 0) found.push({ name, value: '' });
      else if (value.every((one) => typeof one !== 'object')) found.push(shown(name, value.join(', ')));
      else for (const [index, one] of value.entries()) visit(`${name}[${index}]`, one);
    } else if (typeof value === 'object') {
      for (const [key, one] of Object.entries(value)) visit(`${name}.${key}`, one);
    } else {
      found.push(shown(name, String(value)));
    }
  };
  for (const [name, part] of Object.entries({ params, query, headers, body })) visit(name, part);
  return found;
}

function shown(name: string, text: string): AskedFor {
  if (SECRET_FIELD.test(name) && !BELOW_NAMED.test(name)) return { name, value: null };
  // Beside a key stands what must be seen, such as the certificate of it. What is no whole key is left out with all around it.
  const value = text.replace(PRIVATE_KEY, '(private key)');
  return { name, value: value.includes('PRIVATE KEY-----') ? null : value };
}
