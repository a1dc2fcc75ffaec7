import { Cron } from "croner";
import { UsageError } from "../src/errors.ts";

/** A job on a cron expression that never overlaps itself. */
export type Schedule = {
  /** Runs once more as soon as possible, beside the expression. */
  trigger(): void;
  /** Takes no more runs; resolves when the one under way has ended. */
  stop(): Promise<void>;
};

/** @throws UsageError that names the setting, for an expression that croner does not take */
export function checkCron(setting: string, expression: string): void {
  try {
    new Cron(expression, { paused: true }).stop();
  } catch (error) {
    throw new UsageError([`${setting}: ${(error as Error).message}; expected a cron expression, seconds first`]);
  }
}

/** The last time at which an expression was due, in milliseconds since 1970. */
export function lastDueMs(expression: string, nowMs: number): number {
  const cron = new Cron(expression, { paused: true });
  const [due] = cron.previousRuns(1, new Date(nowMs));
  cron.stop();
  return due?.getTime() ?? nowMs;
}

/** How long an expression leaves between its next two times, in milliseconds. */
export function everyMs(expression: string, nowMs: number): number {
  const cron = new Cron(expression, { paused: true });
  const [first, second] = cron.nextRuns(2, new Date(nowMs));
  cron.stop();
  return first && second ? second.getTime() - first.getTime() : 0;
}

/**
 * Runs a job whenever the expression is due. Runs that come due while the job runs are caught up by one run afterwards.
 * @param job reports its own failures
 */
export function schedule(expression: string, job: () => Promise<void>): Schedule {
  let running: Promise<void> | undefined;
  let missed = false;
  let stopped = false;
  const run = async () => {
    do {
      missed = false;
      await job();
    } while (missed && !stopped);
    running = undefined;
  };
  const trigger = () => {
    if (stopped) return;
    if (running) missed = true;
    else running = run();
  };
  const cron = new Cron(expression, trigger);
  return {
    trigger,
    async stop() {
      stopped = true;
      cron.stop();
      await running;
    },
  };
}
