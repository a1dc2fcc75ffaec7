import type { Config } from "../../src/config.ts";
import type { Log } from "../../src/log.ts";
import type { Postgres } from "../../src/postgres.ts";
import { sleep } from "../../src/sleep.ts";
import { POSTGRES_UNREACHABLE, postgresFinding } from "../health/postgres.ts";
import { noteDelivered } from "../store/channels.ts";
import { keepIncidents, newIds, noteHistory, readOpen } from "../store/incidents.ts";
import { endDelivery, enqueue, readWaiting } from "../store/outbox.ts";
import { announce } from "./announce.ts";
import { policyOf } from "./apply.ts";
import type { Channel } from "./channel.ts";
import { advance } from "./incidents/advance.ts";
import type { Incident } from "./incidents/incident.ts";
import type { Silence } from "./incidents/silence.ts";
import type { Notification } from "./notification.ts";
import { nextAttemptAtMs } from "./retry.ts";
import type { Route } from "./routes.ts";

/** A message that goes out from memory, and the channels that have taken it. */
type Sending = {
  readonly notification: Notification;
  readonly channels: readonly string[];
  readonly delivered: Map<string, string>;
};

const COVERS = new Set([POSTGRES_UNREACHABLE]);

/**
 * The one incident that cannot be kept where the others are: that PostgreSQL is away. It is judged and told from memory,
 * and put into the store, with what was delivered, once PostgreSQL is back; its end is told from there.
 */
export class Outage {
  private open: readonly Incident[] = [];
  private sending: readonly Sending[] = [];
  private ending = new AbortController();
  private tasks: readonly Promise<void>[] = [];
  private silences: readonly Silence[] = [];

  constructor(
    private readonly config: Config,
    private readonly channels: readonly Channel[],
    private readonly routes: readonly Route[],
    private readonly log: Log,
    private readonly statusUrl: string | null,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.ending.abort(), { once: true });
  }

  /** What the last look left in the store. */
  remember(incidents: readonly Incident[], silences: readonly Silence[]): void {
    this.open = incidents.filter(({ kind, state }) => kind === POSTGRES_UNREACHABLE && state !== "resolved");
    this.silences = silences;
  }

  /** PostgreSQL did not answer. */
  see(reason: string): void {
    const nowMs = Date.now();
    const findings = [postgresFinding(this.config, reason)];
    const past = { silences: this.silences, endings: new Map(), ended: [] };
    const result = advance(this.open, { covers: COVERS, findings }, past, [null], nowMs, policyOf(this.config));
    this.open = result.incidents;
    for (const due of result.due) {
      this.log.error(due.incidents[0]?.summary ?? "PostgreSQL does not answer", { kind: POSTGRES_UNREACHABLE });
      for (const { notification, channels } of announce(due, result.incidents, this.routes, nowMs, this.statusUrl)) {
        const sending: Sending = { notification, channels, delivered: new Map() };
        this.sending = [...this.sending, sending];
        this.tasks = [...this.tasks, ...this.channels.map((channel) => this.send(channel, sending))];
      }
    }
  }

  /** PostgreSQL is back: keeps what was told, and what is still to be delivered. Nothing where nobody was told. */
  async keep(sql: Postgres): Promise<void> {
    if (this.sending.length === 0) {
      this.open = [];
      return;
    }
    this.ending.abort();
    await Promise.all(this.tasks);
    await sql.begin(async (transaction) => {
      const within = transaction as unknown as Postgres;
      const known = new Map((await readOpen(within)).map((incident) => [incident.fingerprint, incident.id]));
      for (const incident of this.open) {
        const id = incident.id ?? known.get(incident.fingerprint) ?? (await newIds(within, 1))[0] ?? null;
        await keepIncidents(within, [{ ...incident, id }]);
        if (id !== null) await noteHistory(within, id, "told", incident.thread ?? "");
      }
      for (const { notification, channels, delivered } of this.sending) {
        await enqueue(within, notification, channels);
        for (const { sequence, channel } of await readWaiting(within, notification.id)) {
          const detail = delivered.get(channel);
          if (detail === undefined) continue;
          await endDelivery(within, sequence, "delivered", detail);
          await noteDelivered(within, channel);
        }
      }
    });
    [this.open, this.sending, this.tasks, this.ending] = [[], [], [], new AbortController()];
  }

  private async send(channel: Channel, { notification, channels, delivered }: Sending): Promise<void> {
    const { signal } = this.ending;
    if (!channels.includes(channel.name)) return;
    for (let failures = 1; !signal.aborted; failures++) {
      const attempt = await channel.send(notification, signal);
      if (attempt.kind === "delivered") {
        delivered.set(channel.name, attempt.detail);
        this.log.info("alert delivered", {
          channel: channel.name,
          message: notification.id,
          event: notification.event,
        });
        return;
      }
      if (attempt.kind !== "retry" || signal.aborted) return;
      this.log.warn("alert not delivered yet", { channel: channel.name, failures, reason: attempt.reason });
      await sleep(nextAttemptAtMs(failures, Date.now(), attempt.afterMs) - Date.now(), signal);
    }
  }
}
