// Runs in a thread of its own: seals what it is handed. It has no database, no network and no vault.
import { answerTasks } from '#platform/runtime';
import { createSealer } from './seal-task.ts';
import type { Sealed, SealingTask } from './sealing-task.ts';

const seal = createSealer();

answerTasks<SealingTask, Sealed>(async (task) => {
  const answer = await seal(task);
  const { buffer, byteOffset, byteLength } = answer.message;
  // A buffer of the shared pool cannot be handed over: only one that is all its own.
  const own = byteOffset === 0 && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer;
  return { answer, moved: own ? [buffer] : [] };
});
