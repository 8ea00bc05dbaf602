/** One value of a request, by its path in it such as `roles` or `rules.0.name`. */
export interface RequestLine {
  readonly name: string;
  readonly value: string;
}

/** What a name that holds a secret is like: such values are left to whoever typed them. */
const SECRET = /secret|pass(?:word|phrase)|private|token|clientKey/i;
const MOST_LINES = 300;
const MOST_CHARACTERS = 500;

/**
 * A request as lines to read, in its own order: what is asked for, with secrets withheld (`•••`), long
 * values cut, and at most 300 lines, the last of which then says so by the name `…`.
 */
export function linesOfRequest(request: { readonly params: unknown; readonly body: unknown }): RequestLine[] {
  const lines: RequestLine[] = [];
  const put = (name: string, value: string): void => {
    if (lines.length < MOST_LINES) lines.push({ name, value: cut(value) });
    else if (lines.length === MOST_LINES) lines.push({ name: '…', value: '' });
  };
  const walk = (name: string, value: unknown): void => {
    if (value !== null && value !== undefined && SECRET.test(name)) put(name, '•••');
    else if (Array.isArray(value) && value.every(isScalar)) put(name, value.map(String).join(', '));
    else if (value instanceof Object) {
      const entries = Object.entries(value);
      if (entries.length === 0) put(name, '');
      for (const [key, inner] of entries) walk(name === '' ? key : `${name}.${key}`, inner);
    } else put(name, value === null || value === undefined ? '' : String(value));
  };
  for (const part of [request.params, request.body])
    if (part instanceof Object && Object.keys(part).length > 0) walk('', part);
  return lines;
}

function isScalar(value: unknown): boolean {
  return !(value instanceof Object);
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}
