import { Worker } from 'node:worker_threads';

/** Threads of this process that run one module's work beside the event loop. */
export interface Threads<Task, Answer> {
  /** Runs a task on a free thread, or as soon as one is free; in order. Faults of the module come back as ThreadFault. */
  run(task: Task): Promise<Answer>;
  /** Ends all threads; what is still running is refused. */
  close(): Promise<void>;
}

export interface ThreadsOptions {
  /** The module that calls `answerTasks`. */
  readonly module: URL;
  /** At most so many threads; the first starts with the first task, the next ones when all are busy. */
  readonly most: number;
  /** A thread that had nothing to do for so long ends, milliseconds. */
  readonly idleMs: number;
  /**
   * For work on what strangers made: each task has a thread of its own that ends with it, and is ended when it takes
   * longer than so many milliseconds or while it runs the process grows by more than so many octets (all threads
   * together, memory outside of the JavaScript heap included, which Node's own limits do not count).
   */
  readonly once?: { readonly milliseconds: number; readonly growthOctets: number };
}

/** How often a thread of one task is looked at. */
const WATCH_MS = 100;

/** A task did not end as it should. Names the fault, never its text: a library's text may quote what it worked on. */
export class ThreadFault extends Error {
  override readonly name = 'ThreadFault';
}

interface Job<Task, Answer> {
  readonly task: Task;
  resolve(answer: Answer): void;
  reject(fault: Error): void;
}

interface Thread<Task, Answer> {
  readonly worker: Worker;
  job: Job<Task, Answer> | null;
  idle: NodeJS.Timeout | null;
}

/** What a thread sends back. */
export type ThreadReply<Answer> =
  | { readonly kind: 'done'; readonly answer: Answer }
  | { readonly kind: 'fault'; readonly fault: string };

/** Says once what a thread's task is too much of. */
function watch(once: NonNullable<ThreadsOptions['once']>, over: (fault: string) => void): NodeJS.Timeout {
  const [began, size] = [performance.now(), process.memoryUsage.rss()];
  const timer = setInterval(() => {
    const slow = performance.now() - began > once.milliseconds;
    if (!slow && process.memoryUsage.rss() - size <= once.growthOctets) return;
    clearInterval(timer);
    over(slow ? 'too slow' : 'too large');
  }, WATCH_MS);
  return timer;
}

export function createThreads<Task, Answer>(options: ThreadsOptions): Threads<Task, Answer> {
  const threads = new Set<Thread<Task, Answer>>();
  const waiting: Job<Task, Answer>[] = [];
  let closed = false;

  const end = (thread: Thread<Task, Answer>): void => {
    if (thread.idle !== null) clearTimeout(thread.idle);
    threads.delete(thread);
    void thread.worker.terminate();
  };
  const drop = (thread: Thread<Task, Answer>, fault: string): void => {
    if (!threads.delete(thread)) return;
    if (thread.idle !== null) clearTimeout(thread.idle);
    thread.job?.reject(new ThreadFault(fault));
    thread.job = null;
    handOut();
  };
  const start = (): Thread<Task, Answer> => {
    const worker = new Worker(options.module, { execArgv: [] });
    const thread: Thread<Task, Answer> = { worker, job: null, idle: null };
    threads.add(thread);
    worker.on('message', (reply: ThreadReply<Answer>) => {
      const { job } = thread;
      thread.job = null;
      if (options.once) end(thread);
      if (reply.kind === 'done') job?.resolve(reply.answer);
      else job?.reject(new ThreadFault(reply.fault));
      handOut();
      if (thread.job === null && !options.once) rest(thread);
    });
    worker.on('error', (error: unknown) => drop(thread, error instanceof Error ? error.name : 'error'));
    worker.on('exit', () => drop(thread, 'ended'));
    return thread;
  };
  /** An idle thread does not keep the process alive, and ends after a while. */
  const rest = (thread: Thread<Task, Answer>): void => {
    thread.worker.unref();
    if (thread.idle !== null) return;
    thread.idle = setTimeout(() => end(thread), options.idleMs);
    thread.idle.unref();
  };
  const give = (thread: Thread<Task, Answer>, job: Job<Task, Answer>): void => {
    if (thread.idle !== null) clearTimeout(thread.idle);
    thread.idle = null;
    thread.job = job;
    thread.worker.ref();
    if (options.once) {
      thread.idle = watch(options.once, (fault) => {
        drop(thread, fault);
        end(thread);
      });
    }
    try {
      thread.worker.postMessage(job.task);
    } catch (error) {
      // What cannot be cloned: a fault of ours, and the thread is still good.
      thread.job = null;
      job.reject(new ThreadFault(error instanceof Error ? error.name : 'error'));
      if (options.once) end(thread);
      else rest(thread);
    }
  };
  const handOut = (): void => {
    while (waiting.length > 0 && !closed) {
      const free = [...threads].find(({ job }) => job === null);
      const thread = free ?? (threads.size < options.most ? start() : null);
      const job = thread === null ? undefined : waiting.shift();
      if (thread === null || job === undefined) return;
      give(thread, job);
    }
  };
  return {
    run(task) {
      if (closed) return Promise.reject(new ThreadFault('closed'));
      return new Promise<Answer>((resolve, reject) => {
        waiting.push({ task, resolve, reject });
        handOut();
      });
    },
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) job.reject(new ThreadFault('closed'));
      const ending = [...threads];
      for (const thread of ending) drop(thread, 'closed');
      await Promise.all(ending.map(({ worker }) => worker.terminate()));
    },
  };
}
