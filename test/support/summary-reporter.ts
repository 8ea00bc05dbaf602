import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import { processEnvironment } from '../../src/platform/runtime/config.ts';

/** What `npm test` adds up: counts, failures with their texts, and skipped tests with their reasons. */
export interface TestSummary {
  passed: number;
  readonly failures: { readonly name: string; readonly text: string }[];
  readonly skipped: { readonly name: string; readonly reason: string | undefined }[];
}

/** Writes the summary to the file that SEALPOST_TEST_SUMMARY names. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const summary: TestSummary = { passed: 0, failures: [], skipped: [] };
    for (const module of modules) readModule(module, summary);
    for (const error of unhandled) summary.failures.push({ name: 'outside of a test', text: textOf(error) });
    const path = processEnvironment().SEALPOST_TEST_SUMMARY;
    if (path !== undefined) writeFileSync(path, JSON.stringify(summary));
  }
}

function readModule(module: TestModule, summary: TestSummary): void {
  const where = `${module.project.name} ${module.relativeModuleId}`;
  // A file or a suite can fail without any of its tests: at import, or in a hook.
  for (const error of module.errors()) summary.failures.push({ name: where, text: textOf(error) });
  for (const suite of module.children.allSuites()) {
    for (const error of suite.errors()) {
      summary.failures.push({ name: `${where} > ${suite.fullName}`, text: textOf(error) });
    }
  }
  for (const test of module.children.allTests()) {
    const name = `${where} > ${test.fullName}`;
    const result = test.result();
    switch (result.state) {
      case 'passed':
        summary.passed += 1;
        break;
      case 'failed':
        summary.failures.push({ name, text: result.errors.map(textOf).join('\n') });
        break;
      case 'skipped':
        summary.skipped.push({ name, reason: result.note });
        break;
      case 'pending':
        summary.failures.push({ name, text: 'did not run to its end' });
    }
  }
}

function textOf(error: { readonly message: string; readonly stack?: string }): string {
  const frame = error.stack
    ?.split('\n')
    .find((line) => /\.ts:\d+/.test(line) && !line.includes('node_modules'));
  return frame === undefined ? error.message : `${error.message}\n${frame.trim()}`;
}
