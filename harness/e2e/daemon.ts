import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Config, toEnvironment } from "../../src/config.ts";
import { poll } from "../poll.ts";
import { followLog } from "./logs.ts";

/** The watchdog as a process of its own. Disposing ends it. */
export type Daemon = AsyncDisposable & {
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  /** Waits until its log holds a text. */
  until(text: string, timeoutMs: number): Promise<void>;
  /** SIGTERM. Returns its exit code and how long it took, in milliseconds. */
  stop(): Promise<{ code: number; ms: number }>;
  /** SIGKILL. */
  kill(): Promise<void>;
};

/** Schedules by which a test need not wait for minutes. */
export const OFTEN: Partial<Config> = {
  watchdogHealthCron: "*/2 * * * * *",
  watchdogRecentCron: "* * * * * *",
  watchdogScrubCron: "* * * * * *",
  watchdogScrubRate: 100_000,
};

export function startDaemon(config: Config, overrides: Partial<Config> = {}): Daemon {
  const child = Bun.spawn([process.execPath, "--smol", join(import.meta.dir, "../../daemon/main.ts")], {
    // As package.json runs it: the collector is told of less memory than there is.
    env: { ...process.env, BUN_JSC_forceRAMSize: "100000000", ...toEnvironment({ ...config, ...OFTEN, ...overrides }) },
    stdout: "ignore",
    stderr: "pipe",
  });
  let text = "";
  const reading = followLog("watchdog", child.stderr, (more) => {
    text += more;
  });
  const stop = async () => {
    const begun = performance.now();
    child.kill("SIGTERM");
    const code = await child.exited;
    await reading;
    return { code, ms: performance.now() - begun };
  };
  return {
    pid: child.pid,
    log: () => text,
    async until(wanted, timeoutMs) {
      await poll(
        `the watchdog to say "${wanted}"`,
        timeoutMs,
        async () => text.includes(wanted),
        () => text.slice(-2_000),
      );
    },
    stop,
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
      await reading;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) await stop();
    },
  };
}

/** The most memory that a process has had; null where the system does not tell (proc_pid_status(5)). */
export function peakMegabytes(pid: number): number | null {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    return null;
  }
}
