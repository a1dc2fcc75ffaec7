import type { Config } from "../../src/config.ts";
import type { Log } from "../../src/log.ts";
import type { Postgres } from "../../src/postgres.ts";
import { applyLook } from "./apply.ts";
import type { Channel } from "./channel.ts";
import { openChannels } from "./channels.ts";
import { Deliverer } from "./deliverer.ts";
import type { Look } from "./incidents/advance.ts";
import { Outage } from "./outage.ts";
import { type Route, routesOf } from "./routes.ts";

const NOTHING_SEEN: Look = { covers: new Set(), findings: [] };

/** All that tells people: opened once for a process, and led while it leads. */
export class Alerting {
  readonly channels: readonly Channel[];
  readonly outage: Outage;
  private readonly routes: readonly Route[];
  private readonly statusUrl: string | null;

  /** @throws UsageError where a channel's settings are wrong */
  constructor(
    private readonly config: Config,
    private readonly log: Log,
    signal: AbortSignal,
  ) {
    this.channels = openChannels(config);
    this.routes = routesOf(
      config,
      this.channels.map(({ name }) => name),
    );
    this.statusUrl = config.watchdogUrl === "" ? null : config.watchdogUrl;
    this.outage = new Outage(config, this.channels, this.routes, log, this.statusUrl, signal);
  }

  /** Begins to deliver what the store holds, until the signal. */
  lead(sql: Postgres, signal: AbortSignal): LeadingAlerts {
    const apply = async (look: Look) => {
      const applied = await applyLook(sql, this.config, look, this.routes, this.statusUrl);
      this.outage.remember(applied.incidents, applied.silences);
      for (const incident of applied.incidents) {
        const before = applied.before.get(incident.fingerprint)?.state;
        const fields = { kind: incident.kind, incident: incident.id };
        if (incident.state === "firing" && before !== "firing") {
          this.log.error(incident.summary, { ...fields, remedy: incident.remedy });
        } else if (incident.state === "resolved") this.log.info("over", fields);
      }
      return applied;
    };
    return new LeadingAlerts(apply, new Deliverer(sql, this.channels, this.log, signal), signal);
  }

  async close(): Promise<void> {
    await Promise.all(this.channels.map((channel) => channel.close()));
  }
}

/** Takes looks, one after the other, and sees to it that messages go when they are due. */
export class LeadingAlerts {
  readonly delivering: Promise<void>;
  private turn: Promise<unknown> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly apply: (
      look: Look,
    ) => Promise<{ readonly nextDueAtMs: number | null; readonly due: readonly unknown[] }>,
    private readonly deliverer: Deliverer,
    private readonly signal: AbortSignal,
  ) {
    this.delivering = deliverer.run();
    signal.addEventListener("abort", () => clearTimeout(this.timer), { once: true });
  }

  /** What a look came to. */
  take(look: Look): Promise<void> {
    const next = this.turn.then(() => this.applyOne(look));
    this.turn = next.catch(() => {});
    return next;
  }

  private async applyOne(look: Look): Promise<void> {
    if (this.signal.aborted) return;
    const { nextDueAtMs, due } = await this.apply(look);
    if (due.length > 0) this.deliverer.wake();
    clearTimeout(this.timer);
    if (nextDueAtMs === null || this.signal.aborted) return;
    // The next look would come too late for it; one that fails then is made up for by that look.
    this.timer = setTimeout(() => void this.take(NOTHING_SEEN).catch(() => {}), Math.max(0, nextDueAtMs - Date.now()));
  }
}
