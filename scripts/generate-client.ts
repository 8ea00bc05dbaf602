// Writes client/openapi.json and client/src/generated/api.ts from the routes' schemas: no database, no socket. With `--check` it
// writes nothing and fails when what is committed differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { openApiDocument } from '#platform/http';
import { describedRoutes } from './described-routes.ts';

const DOCUMENT = new URL('../client/openapi.json', import.meta.url);
const TYPES = new URL('../client/src/generated/api.ts', import.meta.url);

async function generate(): Promise<Map<URL, string>> {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const version =
    manifest !== null && typeof manifest === 'object' ? Reflect.get(manifest, 'version') : undefined;
  const document = `${JSON.stringify(await openApiDocument(describedRoutes(), { version: String(version) }), null, 2)}\n`;
  const header = '// Generated from openapi.json by scripts/generate-client.ts. Do not edit.\n';
  const types = header + astToString(await openapiTS(document));
  return new Map([
    [DOCUMENT, document],
    [TYPES, types],
  ]);
}

function committed(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

const check = process.argv.includes('--check');
for (const [file, text] of await generate()) {
  if (committed(file) === text) continue;
  const name = fileURLToPath(file).slice(fileURLToPath(new URL('..', import.meta.url)).length);
  if (check) {
    console.error(`${name} does not belong to the routes: run node scripts/generate-client.ts`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log(`wrote ${name}`);
  }
}
