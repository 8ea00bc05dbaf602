import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root directory. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A finding of a check: what is wrong and where. */
export interface Problem {
  readonly file: string;
  readonly line: number | null;
  readonly text: string;
}

/** Files that are tracked or would be (not ignored), relative to the root. */
export function trackedFiles(): readonly string[] {
  const output = execFileSync('git', ['ls-files', '-z', '-c', '-o', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = output.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
  return [...new Set(files)].sort();
}

export function readTracked(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

export function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || file.startsWith('test/');
}

/** Made by a program and committed; held to no style. */
export function isGenerated(file: string): boolean {
  return file.includes('/generated/') || file === 'client/openapi.json' || file === 'package-lock.json';
}

export const FIXTURES = 'scripts/check/fixtures/';
