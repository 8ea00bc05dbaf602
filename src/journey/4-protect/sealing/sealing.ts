import { availableParallelism } from 'node:os';
import { createThreads } from '#platform/runtime';
import type { Sealed, SealingTask } from './sealing-task.ts';

/** Where copies are signed and encrypted. */
export interface Sealing {
  seal(task: SealingTask): Promise<Sealed>;
  close(): Promise<void>;
}

const MOST = 16;
const IDLE_MS = 30_000;

/**
 * Sealing in threads: a core each, so that a flood of sealed mail or one large message holds up nobody else, and the
 * machine's cores are used. The first starts with the first sealed copy. `most`: default one a core.
 */
export function createSealing(most: number = Math.min(MOST, availableParallelism())): Sealing {
  const threads = createThreads<SealingTask, Sealed>({
    module: new URL('./sealing-thread.ts', import.meta.url),
    most,
    idleMs: IDLE_MS,
  });
  return { seal: (task) => threads.run(task), close: () => threads.close() };
}

/** The same octets as a Buffer: what crosses a thread comes as a plain Uint8Array. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
