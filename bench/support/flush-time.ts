import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Median of 200 fdatasync calls after an 8 KiB write each, in microseconds, on the disk of that directory. */
export function flushMicros(directory: string): number {
  const path = join(directory, 'flush-probe');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(8192, 1);
  const times: number[] = [];
  try {
    for (let round = 0; round < 200; round += 1) {
      writeSync(file, page, 0, page.length, round * page.length);
      const before = process.hrtime.bigint();
      fdatasyncSync(file);
      times.push(Number(process.hrtime.bigint() - before) / 1000);
    }
  } finally {
    closeSync(file);
    rmSync(path);
  }
  times.sort((a, b) => a - b);
  return Math.round(times[100] ?? 0);
}

const SHIM = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static void pause_for(long micros) {
  struct timespec t = { micros / 1000000, (micros % 1000000) * 1000 };
  nanosleep(&t, 0);
}
#define SLOWER(name) \\
  int name(int fd) { \\
    static int (*real)(int); \\
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, #name); \\
    pause_for(MICROS); \\
    return real(fd); \\
  }
SLOWER(fsync)
SLOWER(fdatasync)
`;

/** A library that makes each flush of the processes that load it take so much longer; null without a C compiler. */
export function buildSlowFlush(directory: string, micros: number): string | null {
  const source = join(directory, 'slow-flush.c');
  const library = join(directory, 'slow-flush.so');
  writeFileSync(source, SHIM);
  const built = spawnSync(
    'cc',
    ['-shared', '-fPIC', '-O2', `-DMICROS=${micros}L`, '-o', library, source, '-ldl'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return built.status === 0 ? library : null;
}
