/** A domain's MTA-STS policy (RFC 8461 §3.2). */
export interface MtaStsPolicy {
  readonly mode: 'enforce' | 'testing' | 'none';
  /** Host names and `*.` patterns, lower-case A-labels. Empty only with mode `none`. */
  readonly mx: readonly string[];
  /** Seconds that the policy may be kept. */
  readonly maxAge: number;
}

/** About one year: the RFC's bound (§3.2). */
const LONGEST_AGE = 31_557_600;
const MOST_MX = 200;

/**
 * The id of the policy that a domain announces at `_mta-sts.DOMAIN`, or null: none, several, or a malformed one all mean
 * that nothing is announced (§3.1).
 */
export function announcedId(texts: readonly string[]): string | null {
  const [text, ...others] = texts.filter((one) => /^v=STSv1[ \t]*;/.test(one));
  if (text === undefined || others.length > 0) return null;
  const fields = text.split(';').map((field) => field.trim());
  if (fields.at(-1) === '') fields.pop();
  const pairs = fields.map((field) =>
    /^([a-z0-9][a-z0-9_.-]{0,31})=([\x21-\x3a\x3c\x3e-\x7e]+)$/i.exec(field),
  );
  if (pairs.some((pair) => pair === null)) return null;
  const ids = pairs.filter((pair) => pair?.[1] === 'id');
  const id = ids.length === 1 ? ids[0]?.[2] : undefined;
  return id !== undefined && /^[a-z0-9]{1,32}$/i.test(id) ? id : null;
}

/**
 * Reads a policy document. Null for one that is not a policy. Of a field that stands twice the first counts, but for `mx`;
 * unknown fields are for later versions (§3.2).
 */
export function parseMtaStsPolicy(document: string): MtaStsPolicy | null {
  const fields = new Map<string, string>();
  const mx: string[] = [];
  for (const line of document.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const field = /^([a-z0-9][a-z0-9_.-]{0,31}):[ \t]*(.*?)[ \t]*$/i.exec(line);
    const [, name, value] = field ?? [];
    if (name === undefined || value === undefined) return null;
    if (name === 'mx') mx.push(value.toLowerCase().replace(/\.$/, ''));
    else if (!fields.has(name)) fields.set(name, value);
  }
  const mode = fields.get('mode');
  const age = fields.get('max_age') ?? '';
  if (fields.get('version') !== 'STSv1' || !/^\d{1,10}$/.test(age)) return null;
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') return null;
  if (mx.length > MOST_MX || !mx.every(isPattern) || (mx.length === 0 && mode !== 'none')) return null;
  return { mode, mx, maxAge: Math.min(Number(age), LONGEST_AGE) };
}

function isPattern(text: string): boolean {
  return (
    text.length <= 253 &&
    /^(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/.test(text)
  );
}

/** Whether the policy lists the host. `*.` stands for exactly one label at the left (§4.1). */
export function listsHost(mx: readonly string[], host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  const rest = name.slice(name.indexOf('.') + 1);
  return mx.some((pattern) =>
    pattern.startsWith('*.')
      ? name.includes('.') && !name.startsWith('.') && pattern.slice(2) === rest
      : pattern === name,
  );
}
