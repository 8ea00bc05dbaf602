import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const CALLS =
  /\b(?:create(?:Hmac|Hash|Cipheriv|Decipheriv)|generateKeyPair(?:Sync)?|hkdf(?:Sync)?|pbkdf2(?:Sync)?|scrypt(?:Sync)?)\(\s*'([a-z0-9-]+)'/g;

/** Ciphers, hashes and key kinds named in the server's source, tests and the sandbox's peers left out. */
function usedAlgorithms(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(at('src'), { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`;
    if (!/\.ts$/.test(path) || /\.test\.ts$|-fixture\.ts$|test-kit\.ts$|\/sandbox\//.test(path)) continue;
    for (const [, name] of readFileSync(path, 'utf8').matchAll(CALLS))
      if (name !== undefined) found.set(name, path);
  }
  return found;
}

it('every algorithm named in the source stands in the inventory', () => {
  const inventory = readFileSync(at('docs/reference/security-inventory.md'), 'utf8');
  const used = usedAlgorithms();
  expect(used.size).toBeGreaterThan(5);
  const missing = [...used].filter(
    ([name]) => !inventory.includes(`\`${name}\``) && !inventory.includes(`HKDF-\`${name}\``),
  );
  expect(missing).toEqual([]);
  expect(['md5', 'des-ede3-cbc', 'rc2-cbc'].filter((name) => used.has(name))).toEqual([]);
});
