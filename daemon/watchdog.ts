import type { Config } from "../src/config.ts";
import { messageOf } from "../src/errors.ts";
import type { Log } from "../src/log.ts";
import type { Postgres } from "../src/postgres.ts";
import { sleep } from "../src/sleep.ts";
import type { Table } from "../src/tables.ts";
import { Alerting, type LeadingAlerts } from "./alerts/alerting.ts";
import { pingDeadMan } from "./alerts/dead-man.ts";
import { type Context, openContext } from "./context.ts";
import { channelsProbe } from "./health/channels.ts";
import { deadLetterProbe } from "./health/dead-letters.ts";
import { elasticsearchProbe } from "./health/elasticsearch.ts";
import { freshnessProbe } from "./health/freshness.ts";
import { kafkaProbe } from "./health/kafka.ts";
import { latencyProbe } from "./health/latency.ts";
import { joinLooks, lookWith, type Probe } from "./health/probe.ts";
import { rowsProbe } from "./health/rows.ts";
import { type Due, runsProbe } from "./health/runs.ts";
import { sinkProbe } from "./health/sink.ts";
import { leadWhenElected } from "./leader.ts";
import { keepMemoryLow } from "./memory.ts";
import { runCheck } from "./run/check.ts";
import type { Examination } from "./run/examine.ts";
import { runHeal } from "./run/heal.ts";
import { Health } from "./run/health.ts";
import { runRecent } from "./run/recent.ts";
import { runScrub } from "./run/scrub.ts";
import { everyMs, type Schedule, schedule } from "./schedule.ts";
import { recordFence } from "./store/fences.ts";
import { TouchedTracker } from "./touched/tracker.ts";
import type { Wanted } from "./web/body/work.ts";
import { startWeb, type Web } from "./web/server.ts";
import type { Leader } from "./web/work/work.ts";

/** A scrub that was held up takes the rows of this many seconds at most in one go. */
const MAX_SCRUB_SECONDS = 60;
/** What runs may take so long to end by itself. */
const END_MS = 5_000;

/**
 * The always-on daemon: leads when elected, and compares, heals and mends on its schedules until `signal`. The page is
 * there all the time.
 * @param onServing is told where the page is
 */
export async function runWatchdog(
  config: Config,
  tables: readonly Table[],
  log: Log,
  signal: AbortSignal,
  onServing: (web: Web) => void = (web) => tellAddress(web, log),
): Promise<void> {
  keepMemoryLow(signal);
  const web = await startWeb(config, tables, log);
  try {
    onServing(web);
    await leadWith(web, { ...config, watchdogUrl: config.watchdogUrl || web.url }, tables, log, signal);
  } finally {
    await web.stop();
  }
}

async function leadWith(
  web: Web,
  config: Config,
  tables: readonly Table[],
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const alerting = new Alerting(config, log, signal);
  const standby = {
    unreachable: (reason: string) => alerting.outage.see(reason),
    reachable: (sql: Postgres) => alerting.outage.keep(sql),
  };
  try {
    await leadWhenElected(config, log, signal, standby, async (leading) => {
      await using context = await openContext(config, tables, log, leading);
      const leadership = new Leadership(context, alerting);
      web.work.lead(leadership);
      await leadership.run().finally(() => web.work.lead(null));
    });
  } finally {
    await alerting.close();
  }
}

/** The link that signs in is shown to a person alone, and never to a file of logs. */
function tellAddress({ url, loginUrl, tokenFile }: Web, log: Log): void {
  log.info("serving the page", { url, ...(tokenFile === null ? {} : { token_file: tokenFile }) });
  if (process.stderr.isTTY) process.stderr.write(`  to make changes there: ${loginUrl}\n`);
}

/** What one leader does from its election to its end. */
class Leadership implements Leader {
  private readonly tracker: TouchedTracker;
  private readonly health = new Health();
  private readonly schedules: readonly Schedule[];
  private healing: Promise<void> = Promise.resolve();
  private scrubbedAtMs = Date.now();
  private readonly probes: readonly Probe[];
  private readonly alerts: LeadingAlerts;
  private readonly lastGoodAtMs: { recent: number; scrub: number };

  constructor(
    private readonly context: Context,
    alerting: Alerting,
  ) {
    const { config } = context;
    this.lastGoodAtMs = { recent: Date.now(), scrub: Date.now() };
    this.alerts = alerting.lead(context.sql, context.signal);
    this.probes = [
      kafkaProbe(context),
      sinkProbe(context),
      deadLetterProbe(context),
      elasticsearchProbe(context),
      freshnessProbe(context),
      latencyProbe(context),
      rowsProbe(context),
      runsProbe(() => this.due()),
      channelsProbe(
        context,
        alerting.channels.map(({ name }) => name),
      ),
    ];
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
    const ending = Promise.all([...this.schedules.map((one) => one.stop()), following, this.alerts.delivering]);
    // A server that hangs must not hold the end up: what waits for it fails when the connections go.
    await Promise.race([ending, sleep(END_MS)]);
    await this.context.sql.end({ timeout: 0 });
    await ending;
    await this.tracker.stop();
  }

  private triggerAll(): void {
    for (const one of this.schedules) one.trigger();
  }

  private async lookAtHealth(): Promise<void> {
    const others = lookWith(this.probes, this.context.log);
    const health = await this.health.run(this.context);
    await this.alerts.take(joinLooks(health, await others));
    if (health.gap) this.triggerAll();
  }

  private due(): readonly Due[] {
    const { watchdogRecentCron, watchdogScrubCron } = this.context.config;
    const { recent, scrub } = this.lastGoodAtMs;
    return [
      { run: "recent", lastGoodAtMs: recent, everyMs: everyMs(watchdogRecentCron, Date.now()) },
      { run: "scrub", lastGoodAtMs: scrub, everyMs: everyMs(watchdogScrubCron, Date.now()) },
    ];
  }

  private async recent(): Promise<void> {
    const { config, log } = this.context;
    const timeoutMs = config.watchdogFenceSeconds * 1000;
    const result = await runRecent(this.context, (fence) => this.tracker.reach(fence.ends, timeoutMs));
    const fence = result.blocked ?? result.fence;
    if (fence && !this.context.signal.aborted) await recordFence(this.context.sql, fence);
    if (result.blocked) {
      if (this.context.signal.aborted) return;
      const { stage, waitedMs, cause, distance } = result.blocked;
      log.warn("the fence did not pass", { stage, waitedMs, cause, behind: distance?.count, unit: distance?.unit });
      return;
    }
    this.lastGoodAtMs.recent = Date.now();
    this.tell(result.examinations);
    await pingDeadMan(config.deadManUrl, log, this.context.signal);
    await this.healFound();
  }

  /** As many rows as the rate allows for the time since the last run. */
  private async scrub(): Promise<void> {
    const now = Date.now();
    const seconds = Math.min(MAX_SCRUB_SECONDS, Math.max(1, (now - this.scrubbedAtMs) / 1000));
    this.scrubbedAtMs = now;
    const rows = Math.ceil(this.context.config.watchdogScrubRate * seconds);
    const { examinations, blocked } = await runScrub(this.context, rows);
    if (blocked === undefined) this.lastGoodAtMs.scrub = Date.now();
    if (this.tell(examinations)) await this.healFound();
  }

  private tell(examinations: readonly Examination[]): boolean {
    const diverged = examinations.filter(({ outcome }) => outcome === "diverged");
    for (const { table, divergences } of diverged) {
      this.context.log.error("rows differ", { table, rows: divergences.length });
    }
    return diverged.length > 0;
  }

  /** What a person asks for: compares, and heals as the mode says. */
  async check({ table, fromMs, toMs, deep }: Wanted): Promise<void> {
    const { log } = this.context;
    const { blocked, tables } = await runCheck(this.context, { table, fromMs, toMs, deep });
    if (blocked) log.warn("the fence did not pass", { stage: blocked.stage, cause: blocked.cause });
    for (const [name, { divergences }] of Object.entries(tables)) {
      if (divergences.length > 0) log.error("rows differ", { table: name, rows: divergences.length });
    }
    await this.healFound();
  }

  /** What a person asks for: heals whatever the mode is. */
  heal({ table, fromMs, toMs, confirm }: Wanted): Promise<void> {
    return this.inTurn(async () => {
      await runHeal(this.context, { by: "command", table, fromMs, toMs, plan: false, confirm });
    });
  }

  /** Heals what stands, as the mode says. */
  private healFound(): Promise<void> {
    return this.inTurn(async () => {
      const { healMode } = this.context.config;
      if (healMode === "report") return;
      const heals = await runHeal(this.context, { by: "daemon", plan: healMode === "plan", confirm: false });
      if (healMode === "heal") return;
      for (const { table, planned } of heals) {
        this.context.log.info("would heal", { table, write: planned.write, delete: planned.delete });
      }
    });
  }

  /** Heals never overlap, whoever asked for them. */
  private inTurn(heal: () => Promise<void>): Promise<void> {
    const next = this.healing.then(() => (this.context.signal.aborted ? undefined : heal()));
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
