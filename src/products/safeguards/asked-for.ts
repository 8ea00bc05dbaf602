import type { HeldRequest } from '#platform/http';

/** One value of a request that waits, for whoever decides on it. */
export interface AskedFor {
  /** Where it stands: `params.id`, `body.retentionYears`. */
  readonly name: string;
  /** Null: it is a secret, which is no second person's. Empty: nothing, such as no address or an empty list. */
  readonly value: string | null;
}

const MOST = 300;
const LONGEST = 4_000;
const SECRET = /(?:passphrase|password|secret|token|key)$/i;

/** What can be shown of a request, and how much of it cannot: who decides is told that they do not see all. */
export interface AllAskedFor {
  readonly items: readonly AskedFor[];
  /** Values that are not among `items`, because there are too many. */
  readonly more: number;
}

/**
 * What a request asks for, value by value, in its order; of long texts the beginning, with `…` at its end. Nobody can approve
 * what they do not see; what is secret by its name, or holds a private key, is left out. Pure.
 */
export function askedFor({ params, query, headers, body }: HeldRequest): AllAskedFor {
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
  return { items: found.slice(0, MOST), more: Math.max(0, found.length - MOST) };
}

function shown(name: string, text: string): AskedFor {
  const secret = SECRET.test(name) || text.includes('PRIVATE KEY');
  if (secret) return { name, value: null };
  return { name, value: text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text };
}
