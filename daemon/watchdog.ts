import type { Config } from "../src/config.ts";
import { messageOf } from "../src/errors.ts";
import type { Log } from "../src/log.ts";
import type { Table } from "../src/tables.ts";
import { type Context, openContext } from "./context.ts";
import { leadWhenElected } from "./leader.ts";
import { runHeal } from "./run/heal.ts";
import { runRecent } from "./run/recent.ts";
import { runScrub } from "./run/scrub.ts";
import { schedule } from "./schedule.ts";
import { TouchedTracker } from "./touched/tracker.ts";

/** The always-on daemon: leads when elected, and compares and heals on its schedules until `signal`. */
export async function runWatchdog(
  config: Config,
  tables: readonly Table[],
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  await leadWhenElected(config, log, signal, async (leading) => {
    await using context = await openContext(config, tables, log, leading);
    const tracker = new TouchedTracker(context);
    const following = tracker.start();
    const jobs = [
      schedule(config.watchdogRecentCron, () => reported(context, "the recent run", () => recent(context, tracker))),
      schedule(config.watchdogScrubCron, () => reported(context, "the scrub", () => scrub(context))),
    ];
    // What came due while nobody led is caught up once.
    for (const job of jobs) job.trigger();
    await new Promise<void>((resolve) => leading.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.all(jobs.map((job) => job.stop()));
    await following;
    await tracker.stop();
  });
}

async function recent(context: Context, tracker: TouchedTracker): Promise<void> {
  const timeoutMs = context.config.watchdogFenceSeconds * 1000;
  const result = await runRecent(context, (fence) => tracker.reach(fence.ends, timeoutMs));
  if (result.blocked) {
    const { stage, waitedMs, cause, distance } = result.blocked;
    context.log.warn("the fence did not pass", {
      stage,
      waitedMs,
      cause,
      behind: distance?.count,
      unit: distance?.unit,
    });
    return;
  }
  for (const { table, outcome, divergences, unsettled } of result.examinations) {
    if (outcome === "diverged") context.log.error("rows differ", { table, rows: divergences.length, unsettled });
  }
  await heal(context);
}

let lastScrubMs = Date.now();

/** As many rows as the rate allows for the time since the last run, a minute's at most. */
async function scrub(context: Context): Promise<void> {
  const now = Date.now();
  const seconds = Math.min(60, Math.max(1, (now - lastScrubMs) / 1000));
  lastScrubMs = now;
  const result = await runScrub(context, Math.ceil(context.config.watchdogScrubRate * seconds));
  const diverged = result.examinations.filter(({ outcome }) => outcome === "diverged");
  for (const { table, divergences } of diverged)
    context.log.error("the scrub found rows that differ", { table, rows: divergences.length });
  if (diverged.length > 0) await heal(context);
}

let healing: Promise<unknown> | undefined;

/** Heals what stands, as the mode says; never twice at once. */
async function heal(context: Context): Promise<void> {
  const { healMode } = context.config;
  if (healMode === "report") return;
  await healing;
  healing = runHeal(context, { by: "daemon", plan: healMode === "plan", confirm: false }).finally(() => {
    healing = undefined;
  });
  for (const { table, planned } of (await healing) as Awaited<ReturnType<typeof runHeal>>) {
    if (healMode === "plan") context.log.info("would heal", { table, write: planned.write, delete: planned.delete });
  }
}

/** A run that fails is told, and tried again when it is next due. */
async function reported(context: Context, what: string, run: () => Promise<void>): Promise<void> {
  if (context.signal.aborted) return;
  try {
    await run();
  } catch (error) {
    if (!context.signal.aborted) context.log.error(`${what} failed`, { error: messageOf(error) });
  }
}
