import { z } from 'zod';

/** One operation of the OpenAPI document, as far as who may call it goes. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` parameters, as the document has it. */
  readonly path: string;
  readonly tag: string;
  readonly access: 'public' | 'session' | { readonly permission: string };
}

/** `yes`: the permission is held. `no`: 403. `401`: not without credentials. */
export type Cell = 'yes' | 'no' | '401';

/** For an id of another organisation. `404`: as if it did not exist. `same`: as for any id, because the address is for everybody. */
export type Foreign = '404' | '403' | '401' | 'same';

/** What one caller may expect of one route; `foreign` is null where the route names nothing. */
export interface Expected {
  readonly own: Cell;
  readonly foreign: Foreign | null;
}

/** Whether something stands in the path that belongs to an organisation. */
export function namesSomething({ path }: Pick<Operation, 'path'>): boolean {
  return /\{(?:[a-zA-Z]*[iI]d|domain)\}/.test(path) && !path.startsWith('/.well-known/');
}

/** What follows for another organisation's id from what is so for one's own. */
export function foreignOf(operation: Operation, own: Cell): Foreign | null {
  if (!namesSomething(operation)) return null;
  if (own === 'no') return '403';
  if (own === '401') return '401';
  return operation.access === 'public' ? 'same' : '404';
}

const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        tags: z.array(z.string()).default([]),
        security: z.array(z.record(z.string(), z.unknown())).default([]),
        'x-permission': z.string().optional(),
      }),
    ),
  ),
});

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Every operation of the document, in its order. */
export function operationsOf(document: unknown): Operation[] {
  return Object.entries(documentSchema.parse(document).paths).flatMap(([path, item]) =>
    Object.entries(item).map(([name, operation]) => {
      const method = METHODS.find((one) => one === name.toUpperCase());
      if (method === undefined) throw new Error(`the document has a method ${name}`);
      const permission = operation['x-permission'];
      const access =
        permission !== undefined ? { permission } : operation.security.length > 0 ? 'session' : 'public';
      return { method, path, tag: operation.tags[0] ?? 'other', access } as const;
    }),
  );
}

/** What one column of the table says: the name of a role, or nobody. */
export const NOBODY = 'nobody';

const SIGN: Readonly<Record<Cell, string>> = { yes: '✓', no: '·', '401': '401' };
const FOREIGN_SIGN: Readonly<Record<Foreign, string>> = {
  '404': '404',
  '403': '403',
  '401': '401',
  same: '=',
};

function signOf({ own, foreign }: Expected): string {
  return foreign === null ? SIGN[own] : `${SIGN[own]} ${FOREIGN_SIGN[foreign]}`;
}

function read(text: string): Expected | null {
  const [first, second] = text.split(' ');
  const own = (['yes', 'no', '401'] as const).find((one) => SIGN[one] === first);
  const foreign = (['404', '403', '401', 'same'] as const).find((one) => FOREIGN_SIGN[one] === second);
  if (own === undefined || (second !== undefined && foreign === undefined)) return null;
  return { own, foreign: foreign ?? null };
}

const HEAD = `# Who may call what

Every route of the API with every ready role. ✓: whoever holds the role is let in. ·: refused (403). 401: refused without
credentials. \`session\` routes are for people signed in to the console, whatever their role; they show and change only what
belongs to them.

Where a route names something (by an id, or a domain), two signs stand: the first for what is one's own organisation's, the
second for what is another one's. 404: as if it did not exist, to whoever may use the route. 403: without the permission,
as for any id. =: an address for everybody, which says the same whatever the organisation.

\`test/security/access-matrix.test.ts\` asks a running system for every cell: people who hold the role, for their own
organisation, and with a good request for the very thing of another one that the route is about. Directories' routes
(\`/scim/v2\`) take a key with \`provisioning:sync\` and no person; \`npm run prove -- isolation\` walks them. After a change
of routes or roles, \`node scripts/write-access-matrix.ts\` writes the table anew: read the difference before it is
committed, because it is what people may do.
`;

/** The table as it stands in the repository. */
export function writeTable(
  operations: readonly Operation[],
  roles: readonly string[],
  cell: (operation: Operation, column: string) => Cell,
): string {
  const columns = [NOBODY, ...roles];
  const tags = [...new Set(operations.map(({ tag }) => tag))].sort();
  const parts = tags.map((tag) => {
    const rows = operations
      .filter((operation) => operation.tag === tag)
      .map((operation) => {
        const { access, method, path } = operation;
        const asks = typeof access === 'string' ? access : `\`${access.permission}\``;
        const cells = columns.map((column) => {
          const own = cell(operation, column);
          return signOf({ own, foreign: foreignOf(operation, own) });
        });
        return `| \`${method} ${path}\` | ${asks} | ${cells.join(' | ')} |`;
      });
    const head = `| route | asks for | ${columns.join(' | ')} |\n|---|---|${columns.map(() => '---|').join('')}`;
    return `## ${tag}\n\n${head}\n${rows.join('\n')}\n`;
  });
  return `${HEAD}\n${parts.join('\n')}`;
}

/** Reads the table back: `METHOD path` → column → cell. */
export function readTable(text: string): Map<string, ReadonlyMap<string, Expected>> {
  const found = new Map<string, ReadonlyMap<string, Expected>>();
  let columns: readonly string[] = [];
  for (const line of text.split('\n')) {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells[0] === 'route') columns = cells.slice(2);
    const name = /^`([A-Z]+ \/\S*)`$/.exec(cells[0] ?? '')?.[1];
    if (name === undefined) continue;
    found.set(
      name,
      new Map(
        columns.map((column, index) => {
          const sign = cells[index + 2];
          const cell = read(sign ?? '');
          if (cell === null) throw new Error(`${name}: ${column} says ${sign}`);
          return [column, cell];
        }),
      ),
    );
  }
  return found;
}
