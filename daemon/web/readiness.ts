import type { Postgres } from "../../src/postgres.ts";
import { inTime } from "../in-time.ts";
import { cached } from "./cached.ts";
import type { Route } from "./route.ts";

const DEADLINE_MS = 2_000;
const KEEP_MS = 500;

/** Whether the process lives, and whether it can lead or stand by: both need PostgreSQL with the watchdog's store. */
export class Readiness {
  private readonly ask: () => Promise<unknown>;

  constructor(sql: Postgres) {
    this.ask = cached(() => inTime(DEADLINE_MS, Promise.resolve(sql`SELECT FROM watchdog.tables LIMIT 1`)), KEEP_MS);
  }

  routes(): readonly Route[] {
    const text = (body: string, status = 200) => new Response(`${body}\n`, { status });
    return [
      { method: "GET", path: "/healthz", access: "anybody", handle: () => text("ok") },
      {
        method: "GET",
        path: "/readyz",
        access: "anybody",
        handle: () =>
          this.ask().then(
            () => text("ready"),
            () => text("not ready: PostgreSQL, or the watchdog's store in it, does not answer", 503),
          ),
      },
    ];
  }
}
