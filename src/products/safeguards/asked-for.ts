import type { HeldRequest } from '#platform/http';

/** One value of a request that waits, for whoever decides on it. */
export interface AskedFor {
  /** Where it stands: `params.id`, `body.retentionYears`. */
  readonly name: string;
  /** Null: it is a secret, which is no second person's. */
  readonly value: string | null;
}

const MOST = 300;
const LONGEST = 4_000;
const SECRET = /(?:passphrase|password|secret|token|key)$/i;

/**
 * What a request asks for, value by value, in its order; of long texts the beginning. Nobody can approve what they do not see;
 * what is secret by its name, or holds a private key, is left out. Pure.
 */
export function askedFor({ params, query, headers, body }: HeldRequest): AskedFor[] {
  const found: AskedFor[] = [];
  const visit = (name: string, value: unknown): void => {
    if (found.length >= MOST || value === undefined) return;
    if (Array.isArray(value)) {
      if (value.length === 0) found.push({ name, value: '' });
      else if (value.every((one) => typeof one !== 'object')) found.push(shown(name, value.join(', ')));
      else for (const [index, one] of value.entries()) visit(`${name}[${index}]`, one);
    } else if (value !== null && typeof value === 'object') {
      for (const [key, one] of Object.entries(value)) visit(`${name}.${key}`, one);
    } else {
      found.push(shown(name, String(value)));
    }
  };
  for (const [name, part] of Object.entries({ params, query, headers, body })) visit(name, part);
  return found;
}

function shown(name: string, text: string): AskedFor {
  const secret = SECRET.test(name) || text.includes('PRIVATE KEY');
  return { name, value: secret ? null : text.slice(0, LONGEST) };
}
