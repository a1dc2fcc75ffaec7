import type { Status } from "../../api.ts";
import { titleOf } from "../format/state.ts";
import type { Loader } from "./loader.ts";
import type { Store } from "./store.ts";

/** Takes what the stream of events brings, and its silence, into the page's state. */
export class Live {
  /** How far the watchdog's clock is ahead of this machine's: ages are told by the former. */
  private skewMs = 0;

  constructor(
    private readonly store: Store,
    private readonly loader: Loader,
  ) {}

  nowMs(): number {
    return Date.now() + this.skewMs;
  }

  heard(status: Status): void {
    const { status: before, connection } = this.store.state;
    this.skewMs = Date.parse(status.at) - Date.now();
    const nowMs = this.nowMs();
    this.store.set({ status, nowMs, connection: { state: "live", sinceMs: nowMs } });
    if (before?.verdict !== status.verdict) {
      this.store.set({ spoken: status.sentence });
      document.title = titleOf(status.verdict);
    }
    if (connection.state === "lost") {
      this.store.set({ spoken: `The watchdog answers again. ${status.sentence}` });
      this.loader.everything();
    } else if (before?.revision !== status.revision) this.loader.facts();
  }

  lost(): void {
    if (this.store.state.connection.state !== "lost") {
      const connection = { state: "lost", sinceMs: this.nowMs() } as const;
      this.store.set({ connection, spoken: "The watchdog does not answer." });
    }
    void this.loader.probe();
  }
}
