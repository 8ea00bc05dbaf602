import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { READY_RULES } from './ready-rules.ts';

const SOURCES = new URL('../../', import.meta.url);
/** Write no entries, and name actions that others write. */
const READERS = /\.test\.ts$|test-kit|^products\/monitoring\/ready-rules|^platform\/audit\/kind|\/formats\//;
/** Their last word is handed over: `recipient-key.${act}`. */
const BY_ACT = /^(?:recipient|organisation)-key\.(.+)$/;

it('watch what the program records', () => {
  const text = globSync('**/*.ts', { cwd: SOURCES })
    .filter((name) => !READERS.test(name))
    .map((name) => readFileSync(new URL(name, SOURCES), 'utf8'))
    .join('\n');
  const actions = new Set(READY_RULES.flatMap(({ definition }) => definition.match.actions));
  const written = (action: string) => text.includes(`'${BY_ACT.exec(action)?.[1] ?? action}'`);
  expect([...actions].filter((action) => !written(action))).toEqual([]);
});
