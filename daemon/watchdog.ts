import type { Config } from "../src/config.ts";
import { messageOf } from "../src/errors.ts";
import type { Log } from "../src/log.ts";
import type { Table } from "../src/tables.ts";
import { type Context, openContext } from "./context.ts";
import type { Finding } from "./finding.ts";
import { leadWhenElected } from "./leader.ts";
import { keepMemoryLow } from "./memory.ts";
import type { Examination } from "./run/examine.ts";
import { runHeal } from "./run/heal.ts";
import { Health } from "./run/health.ts";
import { runRecent } from "./run/recent.ts";
import { runScrub } from "./run/scrub.ts";
import { type Schedule, schedule } from "./schedule.ts";
import { TouchedTracker } from "./touched/tracker.ts";

/** A scrub that was held up takes the rows of this many seconds at most in one go. */
const MAX_SCRUB_SECONDS = 60;

/** The always-on daemon: leads when elected, and compares, heals and mends on its schedules until `signal`. */
export async function runWatchdog(
  config: Config,
  tables: readonly Table[],
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  keepMemoryLow(signal);
  await leadWhenElected(config, log, signal, async (leading) => {
    await using context = await openContext(config, tables, log, leading);
    await new Leadership(context).run();
  });
}

/** What one leader does from its election to its end. */
class Leadership {
  private readonly tracker: TouchedTracker;
  private readonly health = new Health();
  private readonly schedules: readonly Schedule[];
  private healing: Promise<void> = Promise.resolve();
  private scrubbedAtMs = Date.now();
  /** Findings of the last look, and those of which the log tells already. */
  private seen = new Set<string>();
  private readonly told = new Set<string>();

  constructor(private readonly context: Context) {
    const { config } = context;
    this.tracker = new TouchedTracker(context);
    this.schedules = [
      schedule(config.watchdogHealthCron, () => this.reported("the look at every stage", () => this.lookAtHealth())),
      schedule(config.watchdogRecentCron, () => this.reported("the recent run", () => this.recent())),
      schedule(config.watchdogScrubCron, () => this.reported("the scrub", () => this.scrub())),
    ];
  }

  async run(): Promise<void> {
    const { signal } = this.context;
    const following = this.tracker.start();
    // What came due while nobody led is caught up once.
    this.triggerAll();
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.all(this.schedules.map((one) => one.stop()));
    await following;
    await this.tracker.stop();
  }

  private triggerAll(): void {
    for (const one of this.schedules) one.trigger();
  }

  private async lookAtHealth(): Promise<void> {
    const { findings, mended, gap } = await this.health.run(this.context);
    for (const finding of findings) {
      const name = nameOf(finding);
      // Servers that start or restart look ill for a moment; what was mended will not be seen again.
      const lasts = this.seen.has(name) || mended.length > 0;
      if (!lasts || this.told.has(name)) continue;
      this.context.log.error(finding.summary, { kind: finding.kind, remedy: finding.remedy });
      this.told.add(name);
    }
    this.seen = new Set(findings.map(nameOf));
    for (const name of this.told) if (!this.seen.has(name)) this.told.delete(name);
    if (gap) this.triggerAll();
  }

  private async recent(): Promise<void> {
    const { config, log } = this.context;
    const timeoutMs = config.watchdogFenceSeconds * 1000;
    const result = await runRecent(this.context, (fence) => this.tracker.reach(fence.ends, timeoutMs));
    if (result.blocked) {
      if (this.context.signal.aborted) return;
      const { stage, waitedMs, cause, distance } = result.blocked;
      log.warn("the fence did not pass", { stage, waitedMs, cause, behind: distance?.count, unit: distance?.unit });
      return;
    }
    this.tell(result.examinations);
    await this.heal();
  }

  /** As many rows as the rate allows for the time since the last run. */
  private async scrub(): Promise<void> {
    const now = Date.now();
    const seconds = Math.min(MAX_SCRUB_SECONDS, Math.max(1, (now - this.scrubbedAtMs) / 1000));
    this.scrubbedAtMs = now;
    const { examinations } = await runScrub(this.context, Math.ceil(this.context.config.watchdogScrubRate * seconds));
    if (this.tell(examinations)) await this.heal();
  }

  private tell(examinations: readonly Examination[]): boolean {
    const diverged = examinations.filter(({ outcome }) => outcome === "diverged");
    for (const { table, divergences } of diverged) {
      this.context.log.error("rows differ", { table, rows: divergences.length });
    }
    return diverged.length > 0;
  }

  /** Heals what stands, as the mode says; the two runs that find something take turns. */
  private heal(): Promise<void> {
    const turn = async () => {
      const { healMode } = this.context.config;
      if (healMode === "report" || this.context.signal.aborted) return;
      const heals = await runHeal(this.context, { by: "daemon", plan: healMode === "plan", confirm: false });
      if (healMode === "heal") return;
      for (const { table, planned } of heals) {
        this.context.log.info("would heal", { table, write: planned.write, delete: planned.delete });
      }
    };
    const next = this.healing.then(turn);
    this.healing = next.catch(() => {});
    return next;
  }

  /** A run that fails is told, and tried again when it is next due. */
  private async reported(what: string, run: () => Promise<void>): Promise<void> {
    const { signal, log } = this.context;
    if (signal.aborted) return;
    try {
      await run();
    } catch (error) {
      if (!signal.aborted) log.error(`${what} failed`, { error: messageOf(error) });
    }
  }
}

function nameOf({ kind, labels }: Finding): string {
  return JSON.stringify([kind, labels]);
}
