import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Postgres } from "../../src/postgres.ts";
import { noteDelivered, noteDisabled, noteFailed, readChannels } from "../store/channels.ts";
import { type Delivery, endDelivery, postponeDelivery, readDue } from "../store/outbox.ts";
import type { Channel } from "./channel.ts";
import type { Attempt } from "./notification.ts";
import { nextAttemptAtMs } from "./retry.ts";

/** How long the outbox is left alone when nobody wakes the deliverer. */
const IDLE_MS = 5_000;
/** A message that did not get through for so long is given up; its channel has been an incident for as long. */
const GIVE_UP_MS = 3 * 86_400_000;

/**
 * Takes messages from the outbox to their channels. Each channel goes by itself, and keeps the order of each thread. A
 * message that was sent just before a crash is sent again, under its id.
 */
export class Deliverer {
  private readonly wakers = new Set<() => void>();

  constructor(
    private readonly sql: Postgres,
    private readonly channels: readonly Channel[],
    private readonly log: Log,
    private readonly signal: AbortSignal,
  ) {}

  /** Delivers until the signal. */
  async run(): Promise<void> {
    await Promise.all(this.channels.map((channel) => this.follow(channel)));
  }

  /** There is something new in the outbox. */
  wake(): void {
    for (const wake of this.wakers) wake();
  }

  private async follow(channel: Channel): Promise<void> {
    while (!this.signal.aborted) {
      let untilMs = Date.now() + IDLE_MS;
      try {
        const [state] = await readChannels(this.sql, [channel.name]);
        if (state?.disabledAtMs === null || state === undefined) {
          const { due, nextAtMs } = await readDue(this.sql, channel.name);
          for (const delivery of due) await this.deliver(channel, delivery);
          // What came behind these may go at once.
          untilMs = due.length > 0 ? 0 : Math.min(untilMs, nextAtMs ?? untilMs);
        }
      } catch (error) {
        if (!this.signal.aborted) this.log.warn("the outbox cannot be read", { error: messageOf(error) });
      }
      await this.pause(untilMs - Date.now());
    }
  }

  private async deliver(channel: Channel, delivery: Delivery): Promise<void> {
    if (this.signal.aborted) return;
    const { sequence, notification, failures } = delivery;
    const attempt = await channel.send(notification, this.signal);
    const fields = { channel: channel.name, message: notification.id, event: notification.event };
    // Whether a message that was cut short arrived is not known: it stays, and goes again under its id.
    if (attempt.kind !== "delivered" && this.signal.aborted) return;
    switch (attempt.kind) {
      case "delivered":
        await endDelivery(this.sql, sequence, "delivered", attempt.detail);
        await noteDelivered(this.sql, channel.name);
        this.log.info("alert delivered", fields);
        return;
      case "refused":
        await endDelivery(this.sql, sequence, "refused", attempt.reason);
        await noteFailed(this.sql, channel.name, attempt.reason);
        this.log.error("alert refused", { ...fields, reason: attempt.reason });
        return;
      case "disabled":
        await noteDisabled(this.sql, channel.name, attempt.reason);
        this.log.error("the channel is off", { ...fields, reason: attempt.reason });
        return;
      case "retry":
        await this.retry(channel, delivery, attempt, failures + 1);
    }
  }

  private async retry(
    channel: Channel,
    { sequence, notification }: Delivery,
    { reason, afterMs }: Extract<Attempt, { kind: "retry" }>,
    failures: number,
  ): Promise<void> {
    await noteFailed(this.sql, channel.name, reason);
    const fields = { channel: channel.name, message: notification.id, failures, reason };
    if (Date.now() - notification.createdAtMs > GIVE_UP_MS) {
      await endDelivery(this.sql, sequence, "given-up", reason);
      this.log.error("alert given up", fields);
      return;
    }
    await postponeDelivery(this.sql, sequence, nextAttemptAtMs(failures, Date.now(), afterMs), reason);
    this.log.warn("alert not delivered yet", fields);
  }

  /** Until something wakes it, or the signal. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.signal.aborted || ms <= 0) return resolve();
      const done = () => {
        clearTimeout(timer);
        this.wakers.delete(done);
        this.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.wakers.add(done);
      this.signal.addEventListener("abort", done, { once: true });
    });
  }
}
