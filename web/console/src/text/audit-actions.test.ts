import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { actionSentence } from './audit-actions.ts';

const SOURCES = new URL('../../../../src/', import.meta.url);
const CODE = String.raw`'([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)+)'`;
/** Where codes of actions stand in the sources: as `action`, and as an argument of what writes an entry. */
const PLACES = [
  new RegExp(String.raw`\baction(?::| =)[^,;{}]*?${CODE}(?:\s*:\s*${CODE})?`, 'g'),
  new RegExp(String.raw`\b(?:doneBy|looked|recordAccess|onRecord|note)\([^;]*?\bcaller,\s*${CODE}`, 'g'),
];

function actionsInSources(): Set<string> {
  const found = new Set<string>();
  const files = globSync('**/*.ts', { cwd: SOURCES }).filter(
    (name) => !/\.test\.ts$|test-kit|fixture/.test(name),
  );
  for (const name of files) {
    const text = readFileSync(new URL(name, SOURCES), 'utf8');
    for (const place of PLACES) {
      for (const match of text.matchAll(place)) {
        for (const code of match.slice(1)) if (code !== undefined) found.add(code);
      }
    }
  }
  return found;
}

it('every action that the program can record has a sentence', () => {
  const actions = actionsInSources();
  expect(actions.size).toBeGreaterThan(100);
  expect([...actions].filter((action) => actionSentence(action) === undefined).sort()).toEqual([]);
});
