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

/** Runs jobs at their intervals, each never twice at once. A failing job is logged and tried again at its time. */
export function startJobs(jobs: readonly Job[], logger: Logger): RunningJobs {
  const running = new Map<string, Promise<void>>();
  const timers = jobs.map((job) =>
    setInterval(() => {
      if (running.has(job.name)) return;
      const run = attempt(job, logger).finally(() => running.delete(job.name));
      running.set(job.name, run);
    }, job.everyMs),
  );
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
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
