import { parentPort, type Transferable } from 'node:worker_threads';
import type { ThreadReply } from './threads.ts';

/**
 * The other side of `createThreads`, called once by the module that runs in a thread. One task at a time comes in.
 * `moved` are the buffers of the answer that may be handed over instead of copied.
 */
export function answerTasks<Task, Answer>(
  work: (task: Task) => Promise<{ readonly answer: Answer; readonly moved: readonly Transferable[] }>,
): void {
  const port = parentPort;
  if (port === null) throw new Error('answerTasks is for a thread');
  const send = (reply: ThreadReply<Answer>, moved: readonly Transferable[]) =>
    port.postMessage(reply, [...moved]);
  port.on('message', (task: Task) => {
    work(task).then(
      ({ answer, moved }) => send({ kind: 'done', answer }, moved),
      (error: unknown) => send({ kind: 'fault', fault: error instanceof Error ? error.name : 'error' }, []),
    );
  });
}
