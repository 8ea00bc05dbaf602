// Writes docs/reference/access-matrix.md from what the routes ask for and what the ready roles hold.
import { readFileSync, writeFileSync } from 'node:fs';
import { ROLES, readyRole } from '../src/platform/access/permissions.ts';
import {
  type Cell,
  NOBODY,
  type Operation,
  operationsOf,
  writeTable,
} from '../test/security/support/access-table.ts';

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);

function cell({ access }: Operation, column: string): Cell {
  if (access === 'public') return 'yes';
  if (column === NOBODY) return '401';
  if (access === 'session') return 'yes';
  const role = ROLES.find((one) => one === column);
  const held = role === undefined ? [] : readyRole(role).permissions;
  return held.some((one) => one === access.permission) ? 'yes' : 'no';
}

const document: unknown = JSON.parse(readFileSync(at('client/openapi.json'), 'utf8'));
writeFileSync(at('docs/reference/access-matrix.md'), writeTable(operationsOf(document), ROLES, cell));
process.stdout.write('wrote docs/reference/access-matrix.md\n');
