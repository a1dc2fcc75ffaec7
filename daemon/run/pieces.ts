import type { CatalogTable } from "../../src/catalog.ts";
import { pieceEnd } from "../compare/postgres-side.ts";
import type { Interval } from "../compare/region.ts";
import type { Context } from "../context.ts";

/** Rows that one grouped statement covers, or one bucket where that holds more. */
const PIECE_ROWS = 200_000;

/** Cuts an interval into pieces of at most `rows` rows, as far as buckets allow; each is cut when it is asked for. */
export async function* pieces(
  context: Context,
  table: CatalogTable,
  interval: Interval,
  rows = PIECE_ROWS,
): AsyncGenerator<Interval> {
  const widthMs = context.config.watchdogBucketSeconds * 1000;
  for (let fromMs = interval.fromMs; fromMs < interval.toMs && !context.signal.aborted; ) {
    const toMs = await pieceEnd(context.sql, table, { fromMs, toMs: interval.toMs }, rows, widthMs);
    yield { fromMs, toMs };
    fromMs = toMs;
  }
}
