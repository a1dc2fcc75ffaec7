import { type Context, openContext } from "../../daemon/context.ts";
import type { Config } from "../../src/config.ts";
import type { Pipeline } from "../pipeline.ts";
import { watchedLog } from "./logs.ts";

/** The watchdog's view of a pipeline, closed when disposed. */
export async function openWatchdog(
  pipeline: Pipeline,
  overrides: Partial<Config> = {},
): Promise<Context & AsyncDisposable> {
  return openContext({ ...pipeline.config, ...overrides }, pipeline.tables, watchedLog, new AbortController().signal);
}

export type Writer = { readonly written: () => number; stop(): Promise<void> };

/** Writes about `rate` changes a second to clicks until stopped: new rows, and updates and deletes of some of its own. */
export function startWriter(pipeline: Pipeline, rate: number): Writer {
  const state = { written: 0, stopping: false };
  const tick = async () => {
    for (let round = 0; !state.stopping; round++) {
      const begun = performance.now();
      const rows = Math.ceil(rate / 10);
      const inserted = await pipeline.sql<{ id: string }[]>`
        INSERT INTO clicks (session_id, event_name, promo_amount)
        SELECT 'writer', 'CLICK', n FROM generate_series(1, ${rows}::int) n RETURNING id`;
      const ids = inserted.map((row) => row.id);
      await pipeline.sql`UPDATE clicks SET promo_amount = promo_amount + 1 WHERE id = ANY(${ids}::bigint[]) AND id % 5 = 0`;
      if (round % 3 === 0) await pipeline.sql`DELETE FROM clicks WHERE id = ANY(${ids}::bigint[]) AND id % 11 = 0`;
      state.written += rows;
      await Bun.sleep(Math.max(0, 100 - (performance.now() - begun)));
    }
  };
  const writing = tick();
  return {
    written: () => state.written,
    async stop() {
      state.stopping = true;
      await writing;
    },
  };
}
