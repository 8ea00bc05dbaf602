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

export const ABBREVIATION: Readonly<Record<Cell, string>> = { yes: '✓', no: '·', '401': '401' };

const HEAD = `# Who may call what

Every route of the API with every ready role. ✓: whoever holds the role is let in. ·: refused (403). 401: refused without
credentials. \`session\` routes are for people signed in to the console, whatever their role; they show and change only what
belongs to them. A route with an id answers 404 for an id of another organisation, to whoever holds the permission, as if
it did not exist; without the permission 403, as for any id.

\`test/security/access-matrix.test.ts\` asks a running system for every cell, by people who hold the role, for ids of their
own and of another organisation. After a change of routes or roles, \`node scripts/write-access-matrix.ts\` writes the
table anew: read the difference before it is committed, because it is what people may do.
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
        const cells = columns.map((column) => ABBREVIATION[cell(operation, column)]);
        return `| \`${method} ${path}\` | ${asks} | ${cells.join(' | ')} |`;
      });
    const head = `| route | asks for | ${columns.join(' | ')} |\n|---|---|${columns.map(() => '---|').join('')}`;
    return `## ${tag}\n\n${head}\n${rows.join('\n')}\n`;
  });
  return `${HEAD}\n${parts.join('\n')}`;
}

/** Reads the table back: `METHOD path` → column → cell. */
export function readTable(text: string): Map<string, ReadonlyMap<string, Cell>> {
  const found = new Map<string, ReadonlyMap<string, Cell>>();
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
          const cell = (['yes', 'no', '401'] as const).find((one) => ABBREVIATION[one] === sign);
          if (cell === undefined) throw new Error(`${name}: ${column} says ${sign}`);
          return [column, cell];
        }),
      ),
    );
  }
  return found;
}
