// Filters and paths of SCIM (RFC 7644 §3.4.2.2, figure 1; §3.5.2, figure 7): a small parser by descent, within bounds.
import { type ScimType, scimRefusal } from './scim-refusal.ts';

export interface AttributePath {
  /** The schema in front of the name; null where none is said. */
  readonly schema: string | null;
  readonly name: string;
  readonly sub: string | null;
}

export type CompareValue = string | number | boolean | null;
export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

export type Filter =
  | {
      readonly kind: 'compare';
      readonly path: AttributePath;
      readonly operator: Operator;
      readonly value: CompareValue;
    }
  | { readonly kind: 'present'; readonly path: AttributePath }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'some'; readonly path: AttributePath; readonly filter: Filter };

/** Where a PATCH operation acts: `emails[type eq "work"].value`. */
export interface PatchPath {
  readonly path: AttributePath;
  readonly filter: Filter | null;
}

const OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);
const DEEPEST = 16;
const MOST_TOKENS = 400;
/** One token: a string as in JSON, a bracket, or a word (operators, names, numbers). */
const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|([^\s()[\]"]+))/y;
const NAME = /^[A-Za-z$][\w$-]*$/;
const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/;

interface Token {
  readonly kind: 'string' | 'bracket' | 'word';
  readonly text: string;
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #failure: ScimType;
  #at = 0;
  #depth = 0;

  constructor(text: string, failure: ScimType) {
    this.#failure = failure;
    this.#tokens = this.#cut(text);
  }

  #cut(text: string): Token[] {
    const tokens: Token[] = [];
    TOKEN.lastIndex = 0;
    const end = text.trimEnd().length;
    while (TOKEN.lastIndex < end) {
      const found = TOKEN.exec(text);
      if (found === null || tokens.length >= MOST_TOKENS) throw this.wrong();
      const [, string, bracket, word] = found;
      if (string !== undefined) tokens.push({ kind: 'string', text: string });
      else if (bracket !== undefined) tokens.push({ kind: 'bracket', text: bracket });
      else tokens.push({ kind: 'word', text: word ?? '' });
    }
    return tokens;
  }

  wrong() {
    return scimRefusal(this.#failure);
  }

  get ended(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** The next token is this bracket, or this word in any case: takes it. */
  takes(kind: Token['kind'], text: string): boolean {
    const next = this.#tokens[this.#at];
    if (next?.kind !== kind || next.text.toLowerCase() !== text) return false;
    this.#at += 1;
    return true;
  }

  expect(bracket: string): void {
    if (!this.takes('bracket', bracket)) throw this.wrong();
  }

  word(): string {
    const next = this.#tokens[this.#at];
    if (next?.kind !== 'word') throw this.wrong();
    this.#at += 1;
    return next.text;
  }

  value(): CompareValue {
    const next = this.#tokens[this.#at];
    this.#at += 1;
    if (next?.kind === 'string') {
      try {
        return String(JSON.parse(next.text));
      } catch {
        throw this.wrong();
      }
    }
    if (next?.kind !== 'word') throw this.wrong();
    const text = next.text.toLowerCase();
    if (text === 'true' || text === 'false') return text === 'true';
    if (text === 'null') return null;
    if (!NUMBER.test(text)) throw this.wrong();
    return Number(text);
  }

  nested<Result>(work: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.wrong();
    const result = work();
    this.#depth -= 1;
    return result;
  }
}

/** Reads a filter. Refusal `invalidFilter` for what is none, or is deeper or longer than anybody needs. */
export function parseFilter(text: string): Filter {
  const reader = new Reader(text, 'invalidFilter');
  const filter = either(reader, true);
  if (!reader.ended) throw reader.wrong();
  return filter;
}

/** Reads the path of a PATCH operation. Refusal `invalidPath`. */
export function parsePatchPath(text: string): PatchPath {
  const reader = new Reader(text, 'invalidPath');
  const path = parseAttributePath(reader.word()) ?? reject(reader);
  if (reader.ended) return { path, filter: null };
  reader.expect('[');
  const filter = either(reader, false);
  reader.expect(']');
  if (reader.ended) return { path, filter };
  const sub = /^\.(.+)$/.exec(reader.word())?.[1] ?? '';
  if (!NAME.test(sub) || path.sub !== null || !reader.ended) throw reader.wrong();
  return { path: { ...path, sub }, filter };
}

function reject(reader: Reader): never {
  throw reader.wrong();
}

/** `urn:…:User:name.familyName`, `name.familyName`, `userName`; null for what is no path. */
export function parseAttributePath(text: string): AttributePath | null {
  const colon = text.lastIndexOf(':');
  const [name = '', sub, more] = text.slice(colon + 1).split('.');
  if (!NAME.test(name) || more !== undefined || (sub !== undefined && !NAME.test(sub))) return null;
  return { schema: colon < 0 ? null : text.slice(0, colon), name, sub: sub ?? null };
}

/** `or` binds least (RFC 7644 §3.4.2.2, table 5). `paths`: whether `attribute[…]` may stand here. */
function either(reader: Reader, paths: boolean): Filter {
  return reader.nested(() => {
    const parts = [all(reader, paths)];
    while (reader.takes('word', 'or')) parts.push(all(reader, paths));
    const [first] = parts;
    return parts.length === 1 && first !== undefined ? first : { kind: 'or', parts };
  });
}

function all(reader: Reader, paths: boolean): Filter {
  const parts = [one(reader, paths)];
  while (reader.takes('word', 'and')) parts.push(one(reader, paths));
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind: 'and', parts };
}

function one(reader: Reader, paths: boolean): Filter {
  if (reader.takes('word', 'not')) {
    reader.expect('(');
    const part = either(reader, paths);
    reader.expect(')');
    return { kind: 'not', part };
  }
  if (reader.takes('bracket', '(')) {
    const part = either(reader, paths);
    reader.expect(')');
    return part;
  }
  const path = parseAttributePath(reader.word()) ?? reject(reader);
  if (paths && reader.takes('bracket', '[')) return valuePath(reader, path);
  const operator = reader.word().toLowerCase();
  if (operator === 'pr') return { kind: 'present', path };
  if (!isOperator(operator)) throw reader.wrong();
  return { kind: 'compare', path, operator, value: reader.value() };
}

/** `emails[type eq "work"]`, and `emails[type eq "work"].value eq "…"`, which Entra ID asks beyond the grammar. */
function valuePath(reader: Reader, path: AttributePath): Filter {
  const filter = either(reader, false);
  reader.expect(']');
  const mark = reader.takes('word', '.value');
  if (!mark) return { kind: 'some', path, filter };
  const operator = reader.word().toLowerCase();
  const value: AttributePath = { schema: null, name: 'value', sub: null };
  if (operator === 'pr')
    return { kind: 'some', path, filter: { kind: 'and', parts: [filter, { kind: 'present', path: value }] } };
  if (!isOperator(operator)) throw reader.wrong();
  const compare: Filter = { kind: 'compare', path: value, operator, value: reader.value() };
  return { kind: 'some', path, filter: { kind: 'and', parts: [filter, compare] } };
}

function isOperator(text: string): text is Operator {
  return OPERATORS.has(text);
}
