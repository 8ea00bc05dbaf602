export interface Clause {
  readonly words: string[];
  /** Contents of the comments that stand in it, without their outer parentheses. */
  readonly comments: string[];
}

const KEYWORDS = ['from', 'by', 'via', 'with', 'id', 'for'] as const;
export type Keyword = (typeof KEYWORDS)[number];

/** A Received value cut into its clauses (RFC 5321 §4.4), as far as there are any. */
export interface ScannedReceived {
  readonly clauses: ReadonlyMap<Keyword, Clause>;
  /** What stands before the first keyword. */
  readonly head: Clause;
  /** All comments in order. */
  readonly comments: readonly string[];
  /** Says `by` again behind an address that stands behind the first `by`: two lines in one, the first of them made up. */
  readonly doubled: boolean;
}

type Token = { readonly kind: 'word' | 'comment'; readonly text: string } | { readonly kind: 'end' };

/**
 * Reads left to right, once. Free text in place of a clause's value is kept in its words; a keyword that comes a second
 * time does not overwrite the first, unless the first stood before `by`: what stands there may be words that the peer
 * put into its HELO to be taken for ours.
 */
export function scanReceived(value: string): ScannedReceived {
  const clauses = new Map<Keyword, Clause>();
  const head: Clause = { words: [], comments: [] };
  const rest: Clause = { words: [], comments: [] };
  const comments: string[] = [];
  let early: ReadonlySet<Keyword> = new Set();
  let current: Clause = head;
  let addressBehindBy = false;
  let doubled = false;
  for (const token of tokens(value)) {
    if (token.kind === 'end') {
      current = rest;
      continue;
    }
    if (token.kind === 'comment') {
      current.comments.push(token.text);
      comments.push(token.text);
      addressBehindBy ||= clauses.has('by') && current !== clauses.get('by') && PEER.test(token.text);
      continue;
    }
    const keyword = keywordOf(token.text);
    if (keyword === null) {
      current.words.push(token.text);
      continue;
    }
    const held = clauses.get(keyword);
    // "by by mx.example": a stutter seen in the wild.
    if (held !== undefined && held === current && held.words.length === 0) continue;
    if (keyword === 'by') {
      doubled ||= held !== undefined && (addressBehindBy || held.comments.some((text) => PEER.test(text)));
      if (held === undefined) early = new Set(clauses.keys());
    }
    if (held === undefined || (keyword !== 'from' && early.has(keyword))) {
      current = { words: [], comments: [] };
      clauses.set(keyword, current);
      early = new Set([...early].filter((one) => one !== keyword));
    } else {
      // `with` may come in parts ("with ESMTP with STARTTLS"); of the others the first counts.
      current = keyword === 'with' ? held : rest;
    }
  }
  return { clauses, head, comments, doubled };
}

/** What Postfix and Sendmail write of a peer: a name and an address in brackets. */
const PEER = /^\S{1,255} \[[0-9A-Fa-f.:v]{3,60}\]/;

function keywordOf(word: string): Keyword | null {
  const lower = word.toLowerCase();
  return KEYWORDS.find((keyword) => keyword === lower) ?? null;
}

function* tokens(value: string): Generator<Token> {
  let at = 0;
  while (at < value.length) {
    const character = value[at] ?? '';
    if (character === '(') {
      const end = commentEnd(value, at);
      yield { kind: 'comment', text: value.slice(at + 1, end).trim() };
      at = end + 1;
    } else if (character === ';') {
      yield { kind: 'end' };
      at += 1;
    } else if (character === ' ' || character === ',' || character === ')') {
      at += 1;
    } else {
      const end = wordEnd(value, at);
      yield { kind: 'word', text: value.slice(at, end) };
      at = end;
    }
  }
}

/** Index of the parenthesis that closes the one at `start`; the end of the value when none does. */
function commentEnd(value: string, start: number): number {
  let depth = 0;
  for (let at = start; at < value.length; at += 1) {
    const character = value[at];
    if (character === '\\') at += 1;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return value.length;
}

const CLOSES: Readonly<Record<string, string>> = { '[': ']', '"': '"', '<': '>' };

/** Words end at white space, a comma, a semicolon or a parenthesis, but not inside of brackets, quotes or `<>`. */
function wordEnd(value: string, start: number): number {
  for (let at = start; at < value.length; at += 1) {
    const character = value[at] ?? '';
    if (
      at > start &&
      (character === ' ' || character === ';' || character === ',' || character === '(' || character === ')')
    )
      return at;
    const closing = CLOSES[character];
    if (closing === undefined) continue;
    // Looked for in a short window only: an open bracket must not make the reading quadratic.
    const end = value.slice(at + 1, at + 400).indexOf(closing);
    if (end >= 0) at += end + 1;
  }
  return value.length;
}
