import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Two files at a time also on two cores, of which vitest by itself leaves one idle: most tests wait for a server.
const SIDE_BY_SIDE = Math.max(2, availableParallelism() - 1);

// Tests of the whole system start it a hundred times as a process of its own, which costs a second less where Node
// finds the modules compiled. The directory goes when node_modules does.
const COMPILED = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/sealpost-tests', import.meta.url)),
};

const wholeSystem = { testTimeout: 120_000, hookTimeout: 120_000, env: COMPILED };

/** Compares times of answers: nothing else may run beside it. */
const ALONE = 'test/security/portal.test.ts';

// One project per kind of test, so that each can be run alone: `vitest run --project unit`.
export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'client/src/**/*.test.ts',
            'web/*/src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
            'prove/**/*.test.ts',
          ],
          exclude: ['**/*.db.test.ts'],
          maxWorkers: SIDE_BY_SIDE,
        },
      },
      {
        test: {
          name: 'database',
          include: ['src/**/*.db.test.ts', 'test/database/**/*.test.ts'],
          globalSetup: ['test/support/cluster.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: SIDE_BY_SIDE,
        },
      },
      {
        test: {
          name: 'blackbox',
          include: [
            'test/blackbox/**/*.test.ts',
            'test/security/**/*.test.ts',
            'test/conformance/**/*.test.ts',
          ],
          exclude: [ALONE],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          ...wholeSystem,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          ...wholeSystem,
        },
      },
      {
        test: {
          name: 'alone',
          include: [ALONE],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          ...wholeSystem,
        },
      },
    ],
  },
});
