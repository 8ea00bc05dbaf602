import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const SOURCES = new URL('../src/', import.meta.url);

// A connection prepares a statement once by its name: a second one of that name with other words is refused, and only where both
// happen to meet on one connection.
it('no two statements have one name', () => {
  const places = new Map<string, string[]>();
  for (const file of globSync('**/*.store.ts', { cwd: SOURCES })) {
    for (const [, name] of readFileSync(new URL(file, SOURCES), 'utf8').matchAll(
      /^\s+name: '([a-z0-9.-]+)',$/gm,
    ))
      if (name !== undefined) places.set(name, [...(places.get(name) ?? []), file]);
  }
  expect(places.size).toBeGreaterThan(50);
  expect([...places].filter(([, files]) => files.length > 1)).toEqual([]);
});
