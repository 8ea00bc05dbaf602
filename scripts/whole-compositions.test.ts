import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = new URL('../', import.meta.url);

// A second argument leaves a defence out, for tests that try the attack it keeps out. No program gives one.
it('nothing but tests composes access, the portal or a server without its parts', () => {
  const calls: string[] = [];
  for (const file of globSync('{src,bench,prove,scripts}/**/*.ts', { cwd: ROOT })) {
    if (/(\.test|test-kit)\.ts$/.test(file)) continue;
    const text = readFileSync(new URL(file, ROOT), 'utf8');
    for (const { index } of text.matchAll(
      /(?<!function )\b(?:createAccess|createHttpServer|createPortal)\(/g,
    )) {
      calls.push(`${file}: ${argumentsAt(text, index)}`);
    }
  }
  expect(calls.sort()).toEqual([
    'src/system/foundation.ts: 1',
    'src/system/open-system.ts: 1',
    'src/system/serve-health.ts: 1',
    'src/system/serve.ts: 1',
    'src/system/serve.ts: 1',
  ]);
});

/** How many arguments the call that begins here has: commas that stand in no bracket, and no last one. */
function argumentsAt(text: string, from: number): number {
  const inside = text.slice(text.indexOf('(', from) + 1).replace(/'[^'\n]*'|`[^`]*`/g, 's');
  let depth = 0;
  let commas = 0;
  for (const [at, sign] of [...inside].entries()) {
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign) && depth > 0) depth -= 1;
    else if (sign === ')') return commas + (/,\s*$/.test(inside.slice(0, at)) ? 0 : 1);
    else if (sign === ',' && depth === 0) commas += 1;
  }
  throw new Error('a call without an end');
}
