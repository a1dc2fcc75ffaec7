import { Failure } from "../answer/failure.ts";
import type { Fields } from "./fields.ts";

/** Elasticsearch's date_nanos, and so every bucket, lies between these. */
const LATEST_MS = Date.UTC(2262, 0, 1);

/** The interval that a query asks for: `from` and `to`, or so long up to now. @throws Failure 400 */
export function readSpan(fields: Fields, defaultMs: number, maxMs: number, nowMs = Date.now()) {
  const toMs = fields.optionalTime("to") ?? nowMs;
  const fromMs = fields.optionalTime("from") ?? Math.max(0, toMs - defaultMs);
  if (fromMs < 0 || toMs > LATEST_MS) throw new Failure(400, "the interval is out of range", "times from 1970 to 2261");
  if (fromMs >= toMs) throw new Failure(400, "from is not before to", "an interval");
  if (toMs - fromMs > maxMs) {
    throw new Failure(400, "the interval is too long", `at most ${Math.round(maxMs / 86_400_000)} days`);
  }
  return { fromMs, toMs };
}
