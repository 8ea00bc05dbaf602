import { Worker } from 'node:worker_threads';

/** Threads of this process that run one module's work beside the event loop. */
export interface Threads<Task, Answer> {
  /**
   * Runs a task on a free thread, or as soon as one is free; in order. Faults of the module come back as ThreadFault. `whose`:
   * whom it counts for where `once` says how much each may ask for. ThreadsBusy beyond that, and where too much waits.
   */
  run(task: Task, whose?: string): Promise<Answer>;
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
  readonly once?: {
    readonly milliseconds: number;
    readonly growthOctets: number;
    /** So many tasks wait at most, and so many of one asker run or wait; never two of theirs run at once. */
    readonly waiting: number;
    readonly each: number;
  };
}

/** How often a thread of one task is looked at. */
const WATCH_MS = 100;

/** A task did not end as it should. Names the fault, never its text: a library's text may quote what it worked on. */
export class ThreadFault extends Error {
  override readonly name = 'ThreadFault';
}

/** Nothing was done: too much waits already, of everybody or of whoever asks, or what ran beside it took all memory. */
export class ThreadsBusy extends Error {
  override readonly name = 'ThreadsBusy';
}

interface Job<Task, Answer> {
  readonly task: Task;
  readonly whose: string | undefined;
  /** Another task ran at the same time: what the process grew by may be that one's doing. */
  beside: boolean;
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
  const drop = (thread: Thread<Task, Answer>, fault: string | ThreadsBusy): void => {
    if (!threads.delete(thread)) return;
    if (thread.idle !== null) clearTimeout(thread.idle);
    thread.job?.reject(typeof fault === 'string' ? new ThreadFault(fault) : fault);
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
  const runningJobs = () => [...threads].flatMap(({ job }) => (job === null ? [] : [job]));
  const give = (thread: Thread<Task, Answer>, job: Job<Task, Answer>): void => {
    if (thread.idle !== null) clearTimeout(thread.idle);
    thread.idle = null;
    thread.job = job;
    thread.worker.ref();
    if (options.once) {
      const others = runningJobs().filter((one) => one !== job);
      for (const one of others.length > 0 ? [job, ...others] : []) one.beside = true;
      thread.idle = watch(options.once, (fault) => {
        drop(thread, fault === 'too large' && job.beside ? new ThreadsBusy('too much beside it') : fault);
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
  /** The first that waits and whose asker has nothing running. */
  const nextJob = (): number => {
    const running = new Set(runningJobs().map(({ whose }) => whose));
    return waiting.findIndex(({ whose }) => whose === undefined || !running.has(whose));
  };
  const handOut = (): void => {
    while (!closed) {
      const next = nextJob();
      if (next < 0) return;
      const free = [...threads].find(({ job }) => job === null);
      const thread = free ?? (threads.size < options.most ? start() : null);
      const [job] = thread === null ? [] : waiting.splice(next, 1);
      if (thread === null || job === undefined) return;
      give(thread, job);
    }
  };
  /** Else one person's slow files would hold up everybody, and what waits would fill the memory. */
  const isBusy = (whose: string | undefined): boolean => {
    if (!options.once) return false;
    const running = runningJobs();
    const theirs = [...running, ...waiting].filter((job) => whose !== undefined && job.whose === whose);
    const allBusy = running.length >= options.most;
    return theirs.length >= options.once.each || (allBusy && waiting.length >= options.once.waiting);
  };
  return {
    run(task, whose) {
      if (closed) return Promise.reject(new ThreadFault('closed'));
      if (isBusy(whose)) return Promise.reject(new ThreadsBusy('too much waits'));
      return new Promise<Answer>((resolve, reject) => {
        waiting.push({ task, whose, beside: false, resolve, reject });
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
