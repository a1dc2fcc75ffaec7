import { backoffMs } from "../backoff.ts";
import type { Log } from "../log.ts";
import { sleep } from "../sleep.ts";
import type { Metrics } from "./metrics.ts";

const HEARTBEAT_MS = 1_000;

/** The sink is asked to stop, or its partitions were given away: the batch ends here, uncommitted beyond what is safe. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

export type PatienceOptions = {
  /** Keeps the group membership; throws when the group rebalances. */
  readonly heartbeat: () => Promise<void>;
  readonly stop: AbortSignal;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** Waits for a slow or missing server for as long as it takes, while the consumer stays a member of its group. */
export class Patience {
  constructor(private readonly options: PatienceOptions) {}

  /** Awaits a piece of work with heartbeats. @throws what the work throws, then what a heartbeat threw */
  async during<T>(work: Promise<T>): Promise<T> {
    let beating = false;
    let failure: unknown;
    const timer = setInterval(() => {
      if (beating) return;
      beating = true;
      this.options
        .heartbeat()
        .catch((error) => {
          failure ??= error;
        })
        .finally(() => {
          beating = false;
        });
    }, HEARTBEAT_MS);
    try {
      const result = await work;
      if (failure !== undefined) throw failure;
      return result;
    } finally {
      clearInterval(timer);
    }
  }

  /** Sleeps before attempt number `attempt` + 1. @throws StoppedError as soon as the sink is to stop */
  async backOff(attempt: number, cause: string): Promise<void> {
    this.check();
    // An error's text makes a new series each time.
    this.options.metrics.retries.inc({ cause: cause.split(":", 1)[0] ?? cause });
    // The first few waits are everyday; afterwards one line in about half a minute.
    if (attempt === 3 || (attempt > 3 && attempt % 10 === 0)) {
      this.options.log.warn("still waiting", { cause, attempt });
    }
    await this.during(sleep(backoffMs(attempt), this.options.stop));
    this.check();
  }

  check(): void {
    if (this.options.stop.aborted) throw new StoppedError("the sink is stopping");
  }
}
