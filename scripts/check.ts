// npm run check: everything that can be said of the code without running it. A line a step with its time; details of
// what failed; exit code 1 when anything did.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkBoundaries } from './check/boundaries.ts';
import { checkHouseRules } from './check/house-rules.ts';
import { runTool } from './check/run-tool.ts';
import { type Problem, ROOT } from './check/tracked-files.ts';

interface Outcome {
  readonly passed: boolean;
  readonly note: string;
  readonly details: string;
}

interface Step {
  readonly name: string;
  run(): Promise<Outcome>;
}

function tool(name: string, script: string, args: readonly string[]): Step {
  return {
    name,
    run: async () => {
      const { code, output } = await runTool(script, args);
      return { passed: code === 0, note: '', details: output };
    },
  };
}

function own(
  name: string,
  check: () => { readonly problems: readonly Problem[]; readonly note: string },
): Step {
  return {
    name,
    run: () => {
      const { problems, note } = check();
      const details = problems
        .map(({ file, line, text }) => `${file}${line === null ? '' : `:${line}`}  ${text}`)
        .join('\n');
      return Promise.resolve({ passed: problems.length === 0, note, details });
    },
  };
}

const TSC = 'node_modules/typescript/bin/tsc';
/** What the compiler learned the last time is kept beside the installed packages: a second check takes seconds. */
const types = (name: string, project: string): Step[] => {
  const memory = `node_modules/.cache/sealpost-check/${name}.tsbuildinfo`;
  const args = ['--noEmit', '--incremental', '--tsBuildInfoFile', memory, '-p', project];
  return existsSync(join(ROOT, project)) ? [tool(`types: ${name}`, TSC, args)] : [];
};

/** Slow ones first, so that the last to end is not the last to begin. */
const STEPS: readonly Step[] = [
  ...types('server', 'tsconfig.json'),
  ...types('console', 'web/console/tsconfig.json'),
  ...types('client', 'client/tsconfig.json'),
  tool('unused', 'node_modules/knip/bin/knip.js', ['--no-progress']),
  ...(existsSync(join(ROOT, 'scripts/generate-client.ts'))
    ? [tool('generated files', 'scripts/generate-client.ts', ['--check'])]
    : []),
  tool('format and lint', 'node_modules/@biomejs/biome/bin/biome', ['check', '--diagnostic-level=warn', '.']),
  own('boundaries', checkBoundaries),
  own('house rules', checkHouseRules),
];

async function runStep(step: Step): Promise<boolean> {
  const started = performance.now();
  const { passed, note, details } = await step.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${seconds} s  ${step.name}${note === '' ? '' : ` (${note})`}`);
  if (!passed) console.log(details.replace(/^/gm, '    '));
  return passed;
}

async function main(): Promise<void> {
  const started = performance.now();
  const waiting = [...STEPS];
  let failed = 0;
  const lane = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      if (!(await runStep(step))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, lane));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    failed === 0
      ? `all checks passed in ${seconds} s`
      : `${failed} of ${STEPS.length} failed in ${seconds} s`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
