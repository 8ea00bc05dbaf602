// A module for the tests of threads: does what its task says.
import { threadId } from 'node:worker_threads';
import { answerTasks } from './answer-tasks.ts';

answerTasks<string, string>(async (task) => {
  if (task === 'fail') throw new TypeError('says what it worked on');
  if (task === 'die') process.exit(3);
  if (task === 'slow') await new Promise((resolve) => setTimeout(resolve, 50));
  if (task === 'for ever') for (;;);
  if (task === 'much') {
    const held = [];
    for (;;) {
      held.push(Buffer.alloc(16 * 1024 * 1024, 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return { answer: `${task} ${threadId}`, moved: [] };
});
