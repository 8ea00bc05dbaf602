import { networkInterfaces } from 'node:os';
import { readModule } from './read-module.ts';
import {
  FIXTURES,
  isGenerated,
  isTest,
  type Problem,
  ROOT,
  readTracked,
  trackedFiles,
} from './tracked-files.ts';

const MOST_FILE_LINES = 400;
const MOST_FUNCTION_LINES = 80;

const SQL =
  /^\s*(select\s[\s\S]*\sfrom\s|select\s+[\w.]+\(|insert\s+into\s|update\s+[\w.]+\s+(as\s+\w+\s+)?set\s|delete\s+from\s|with\s+\w+\s+as\s*(not\s+)?(materialized\s*)?\(|create\s+(table|database|role|index|function|schema)\s|alter\s+(table|role|database)\s|drop\s+(table|database|role)\s|truncate\s)/i;

/** Where `process.env` may stand: the one reader, and what runs before or beside the program. */
const MAY_READ_ENVIRONMENT =
  /^(src\/platform\/runtime\/config\.ts|bootstrap\.mjs|scripts\/|web\/[^/]+\/(vite\.config\.ts|dev\/)|.*vitest.*\.ts|test\/(conformance|browser\/support)\/)/;
/**
 * Who may look at what a caller holds: the doors (`requireAccess`, `hasAccess`, `accessScopes`), the server's gate, which hands
 * it on, and the answer that tells a person what they hold themselves.
 */
const MAY_READ_RIGHTS =
  /^src\/(platform\/access\/permissions|platform\/http\/authenticate|products\/organisations\/session-routes)\.ts$/;
/** Where SQL may stand. A test kit is no part of the program: the boundaries keep it to tests. */
const MAY_HOLD_SQL = /(\.store\.ts$|\/test-kit\.ts$|^src\/platform\/database\/migrations\/)/;
/** Lists of words and markup are as long as what they say; one entry a line is their clearest form. */
const MAY_BE_LONG = /(catalogue[-\w]*\.ts$|^web\/portal\/)/;

/** Rules of this house that no library checks. Pure: a file's problems depend on its path and text only. */
export function houseProblems(path: string, text: string): Problem[] {
  const problems: Problem[] = [];
  const add = (line: number | null, what: string): void =>
    void problems.push({ file: path, line, text: what });
  const facts = readModule(path, text);
  const program = path.startsWith('src/') && !isTest(path);
  if (!MAY_READ_ENVIRONMENT.test(path)) {
    for (const line of facts.environment) add(line, 'process.env is read by runtime/config only');
  }
  if (program && !MAY_HOLD_SQL.test(path)) {
    for (const { text: literal, line } of facts.literals) {
      if (SQL.test(literal)) add(line, 'SQL stands in *.store.ts only');
    }
  }
  if (program && !MAY_READ_RIGHTS.test(path)) {
    for (const line of facts.rights)
      add(line, 'what a caller holds is asked for by the doors of platform/access');
  }
  const lines = text.split('\n').length - 1;
  if (program && !MAY_BE_LONG.test(path) && lines > MOST_FILE_LINES) {
    add(null, `${lines} lines; at most ${MOST_FILE_LINES}`);
  }
  if (program) {
    for (const each of facts.functions) {
      if (each.ownLines > MOST_FUNCTION_LINES) {
        add(each.line, `${each.name} has ${each.ownLines} lines; at most ${MOST_FUNCTION_LINES}`);
      }
    }
  }
  if (isTest(path)) problems.push(...unreasonedSkips(path, text, facts.skips));
  return problems;
}

/** `context.skip('reason')` prints its reason; any other way needs a comment `// Skipped: …` on the line or above it. */
function unreasonedSkips(
  file: string,
  text: string,
  skips: ReturnType<typeof readModule>['skips'],
): Problem[] {
  const lines = text.split('\n');
  return skips
    .filter(({ line, on, reason }) => {
      const declares = /^(it|test|describe|suite)\b/.test(on);
      const comment = `${lines[line - 2] ?? ''}\n${lines[line - 1] ?? ''}`;
      return declares || reason === null ? !/\/\/ Skipped: \S/.test(comment) : reason.trim() === '';
    })
    .map(({ line }) => ({ file, line, text: 'a skipped test needs its reason' }));
}

/** What of this machine must not stand in a tracked file: its checkout's place, its addresses. */
export function machineMarks(root: string, addresses: readonly string[]): readonly string[] {
  const usual = [
    'bin',
    'boot',
    'dev',
    'etc',
    'home',
    'lib',
    'media',
    'mnt',
    'opt',
    'private',
    'proc',
    'root',
    'run',
  ];
  const more = ['sbin', 'srv', 'sys', 'tmp', 'usr', 'var', 'Users', 'github', 'builds', 'app', 'data'];
  const top = root.split('/')[1] ?? '';
  const unusual = top !== '' && ![...usual, ...more].includes(top) ? [`/${top}/`] : [];
  return [root.replace(/\/$/, ''), ...unusual, ...addresses];
}

/** Addresses that exist only in examples (RFC 5737, RFC 3849), though a container's network may use them. */
const DOCUMENTATION = /^(192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:)/;

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter((each) => !each.internal && !each.address.startsWith('fe80'))
    .map((each) => each.address)
    .filter((address) => !DOCUMENTATION.test(address));
}

/** Marks of the machine in a file's text. A mark must stand apart: as a part of a longer path it is none. */
export function machineProblems(path: string, text: string, marks: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  for (const mark of marks) {
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
      const apart = !/[\w./-]/.test(text[at - 1] ?? ' ') && !/[\d]/.test(text[at + mark.length] ?? ' ');
      const line = text.slice(0, at).split('\n').length;
      if (apart) problems.push({ file: path, line, text: 'names a place of this machine' });
    }
  }
  if (path === 'package-lock.json' && /"resolved": "https?:/.test(text)) {
    problems.push({ file: path, line: null, text: 'records download addresses' });
  }
  return problems;
}

export function checkHouseRules(): { readonly problems: readonly Problem[]; readonly note: string } {
  const files = trackedFiles().filter((path) => !path.startsWith(FIXTURES));
  const marks = machineMarks(ROOT, ownAddresses());
  const problems: Problem[] = [];
  let read = 0;
  for (const path of files) {
    if (/\.(png|jpg|ico|woff2?|gz|bin|eml|der|pem)$/.test(path)) continue;
    const text = readTracked(path);
    read += 1;
    problems.push(...machineProblems(path, text, marks));
    if (/\.(tsx?|mjs)$/.test(path) && !isGenerated(path)) problems.push(...houseProblems(path, text));
  }
  return { problems, note: `${read} files` };
}
