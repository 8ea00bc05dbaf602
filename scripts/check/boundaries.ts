import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { DOORS, placeOf, refuseImport, roomName } from './boundary-rules.ts';
import { readModule } from './read-module.ts';
import { FIXTURES, type Problem, ROOT, readTracked, trackedFiles } from './tracked-files.ts';

interface Source {
  readonly path: string;
  readonly text: string;
}

/** A refused import with the code of the rule that refuses it. */
interface Refused extends Problem {
  readonly rule: string;
}

/** Fewer modules than this were not read because there are so few: something is broken in the reading. */
const FEWEST_MODULES = 50;

/** Checks every import of the repository, after showing on the bad fixture that each rule is able to refuse. */
export function checkBoundaries(): { readonly problems: readonly Problem[]; readonly note: string } {
  const blind = checkFixture();
  const sources = trackedFiles()
    .filter((path) => /^(src|web|client\/src|test|prove|bench|scripts)\//.test(path) && /\.tsx?$/.test(path))
    .map((path) => ({ path, text: readTracked(path) }));
  const problems: Problem[] = [...blind.problems, ...refusals(sources, declaredIn(ROOT))];
  if (sources.length <= FEWEST_MODULES) {
    problems.push({ file: 'src', line: null, text: `only ${sources.length} modules were read` });
  }
  return { problems, note: `${sources.length} modules, ${blind.rules} rules shown to work` };
}

type Declared = (path: string) => ReadonlySet<string>;

/** The packages that a file may name: those of its workspace's package.json, and Node's own. */
function declaredIn(root: string): Declared {
  const read = (directory: string): ReadonlySet<string> => {
    const file = join(root, directory, 'package.json');
    const names = new Set<string>();
    if (!existsSync(file)) return names;
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    for (const field of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      const list: unknown =
        typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, field) : undefined;
      if (typeof list === 'object' && list !== null) for (const name of Object.keys(list)) names.add(name);
    }
    return names;
  };
  const known = new Map(
    ['', 'client', 'web/ui', 'web/console'].map((directory) => [directory, read(directory)]),
  );
  return (path) => {
    const workspace =
      ['client', 'web/ui', 'web/console'].find((directory) => path.startsWith(`${directory}/`)) ?? '';
    const own = known.get(workspace) ?? new Set<string>();
    // Tests of a workspace run with the root's tools.
    return placeOf(path).kind === 'outside' ? new Set([...own, ...(known.get('') ?? [])]) : own;
  };
}

function refusals(sources: readonly Source[], declared: Declared): Refused[] {
  const refused: Refused[] = [];
  for (const { path, text } of sources) {
    for (const { specifier, line } of readModule(path, text).imports) {
      const rule = refuse(path, specifier, declared);
      if (rule !== null) refused.push({ file: path, line, rule, text: `${rule}: '${specifier}'` });
    }
  }
  return refused;
}

/** The code of the rule that refuses this import, or null. */
function refuse(path: string, specifier: string, declared: Declared): string | null {
  const from = placeOf(path);
  if (specifier.startsWith('#')) {
    const target = resolveAlias(specifier);
    return target === null ? 'unknown-alias' : refuseImport(from, placeOf(target));
  }
  if (specifier.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(path), specifier));
    const to = placeOf(target);
    const refusal = refuseImport(from, to);
    if (refusal !== null) return refusal;
    const crosses = from.kind !== 'outside' && from.kind !== 'web' && roomName(from) !== roomName(to);
    return crosses ? 'not-through-the-index' : null;
  }
  return refusePackage(path, specifier, declared);
}

function resolveAlias(specifier: string): string | null {
  const match = /^#(core|platform|journey|products)\/([A-Za-z0-9-]+)$/.exec(specifier);
  if (specifier === '#sandbox') return 'src/sandbox/index.ts';
  const [, top, name] = match ?? [];
  if (top === undefined || name === undefined) return null;
  return top === 'core' ? `src/core/${name}.ts` : `src/${top}/${name}/index.ts`;
}

function refusePackage(path: string, specifier: string, declared: Declared): string | null {
  if (specifier.startsWith('node:')) return null;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (builtinModules.includes(name)) return 'builtin-without-node:';
  const from = placeOf(path);
  if (name === '@sealpost/client')
    return from.kind === 'web' || from.kind === 'outside' ? null : 'server-imports-web';
  if (name === '@sealpost/ui') return refuseImport(from, { kind: 'web', room: 'ui' });
  if (!declared(path).has(name)) return 'undeclared-package';
  if (from.kind === 'outside' || from.kind === 'web' || from.kind === 'client') return null;
  if (from.kind === 'core') return 'core-imports-package';
  const rooms = DOORS[name];
  if (rooms === undefined) return 'no-door';
  return rooms.includes('*') || rooms.includes(roomName(from)) ? null : 'foreign-door';
}

/**
 * Runs the rules over the bad fixture, whose files say in their first line which rule must refuse them
 * (`// expect: rule`). A rule that refuses nothing there makes the check fail: it would see nothing elsewhere either.
 */
function checkFixture(): { readonly problems: readonly Problem[]; readonly rules: number } {
  const base = join(ROOT, FIXTURES, 'bad-boundary');
  const names = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.fixture'),
  );
  const problems: Problem[] = [];
  const rules = new Set<string>();
  for (const name of names) {
    const text = readFileSync(join(base, name), 'utf8');
    const path = name
      .split('\\')
      .join('/')
      .replace(/\.fixture$/, '');
    const expected = [...text.matchAll(/^\/\/ expect: (\S+)$/gm)].map((match) => match[1] ?? '');
    const seen = new Set(refusals([{ path, text }], declaredIn(ROOT)).map((refused) => refused.rule));
    for (const rule of expected) {
      rules.add(rule);
      if (!seen.has(rule))
        problems.push({ file: `${dirname(FIXTURES)}/${name}`, line: 1, text: `not seen: ${rule}` });
    }
    if (expected.length === 0) {
      for (const rule of seen)
        problems.push({ file: name, line: null, text: `good fixture refused: ${rule}` });
    }
  }
  if (rules.size < 12)
    problems.push({ file: FIXTURES, line: null, text: `only ${rules.size} rules have a fixture` });
  return { problems, rules: rules.size };
}
