import { describeFault, type Logger } from '#platform/runtime';

/** Something done again and again by the worker role. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<unknown>;
}

export interface RunningJobs {
  /** Stops the timers and waits for what is under way. */
  stop(): Promise<void>;
}

/** A machine that is switched off each evening never gets to a twelve-hour interval: first runs come early. */
const FIRST_RUN_MS = 5_000;

/**
 * Runs jobs soon after the start and then at their intervals, each never twice at once. A failing job is logged and
 * tried again at its time.
 */
export function startJobs(jobs: readonly Job[], logger: Logger): RunningJobs {
  const running = new Map<string, Promise<void>>();
  const timers: NodeJS.Timeout[] = [];
  for (const job of jobs) {
    const run = () => {
      if (running.has(job.name)) return;
      running.set(
        job.name,
        attempt(job, logger).finally(() => running.delete(job.name)),
      );
    };
    timers.push(setInterval(run, job.everyMs));
    if (job.everyMs > FIRST_RUN_MS) timers.push(setTimeout(run, FIRST_RUN_MS));
  }
  return {
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(running.values());
    },
  };
}

async function attempt(job: Job, logger: Logger): Promise<void> {
  try {
    await job.run();
  } catch (error) {
    logger.error('job-failed', { ...describeFault(error), job: job.name });
  }
}
