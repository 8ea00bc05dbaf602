import { expect } from 'vitest';
import { LOG_FIELDS } from '../../src/platform/runtime/logger.ts';

const HEAD = ['time', 'level', 'code'];

export interface LogLine {
  readonly level: string;
  readonly code: string;
  readonly [field: string]: unknown;
}

/** The lines of a log. Anything that is not one JSON object a line fails the test. */
export function logLines(text: string): LogLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        const read: LogLine = JSON.parse(line);
        return read;
      } catch {
        throw new Error(`a log line is not JSON: ${line.slice(0, 300)}`);
      }
    });
}

/** Only allowed fields, no mail address, and none of the words that were sent through; returns the lines. */
export function expectCleanLog(text: string, personal: readonly string[]): LogLine[] {
  const lines = logLines(text);
  for (const line of lines) {
    const strange = Object.keys(line).filter(
      (name) => !HEAD.includes(name) && !Object.hasOwn(LOG_FIELDS, name),
    );
    expect(strange, JSON.stringify(line)).toEqual([]);
  }
  expect(text).not.toContain('@');
  const lower = text.toLowerCase();
  for (const word of personal)
    expect(lower.includes(word.toLowerCase()), `the log holds "${word}"`).toBe(false);
  return lines;
}

/** Faults: what should not happen in a test of good days. */
export function faultsIn(text: string): LogLine[] {
  return logLines(text).filter((line) => line.level === 'error');
}
