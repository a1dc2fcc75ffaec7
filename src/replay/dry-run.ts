import type { Speed } from "./pace.ts";
import { mergeFrom, openFiles } from "./replay.ts";

const PAGE = 5_000;

/** What a replay would do: rows, rejects, and how long it would take at a speed (undefined at full speed). */
export async function dryRun(
  dataDir: string,
  speed: Speed,
): Promise<{ rows: number; rejected: number; seconds?: number }> {
  const merge = mergeFrom(await openFiles(dataDir), new Map());
  let rows = 0;
  let rejected = 0;
  let first: number | undefined;
  let last = 0;
  for (;;) {
    const events = await merge.takeWhile(() => true, PAGE);
    if (events.length === 0) break;
    for (const { values, timeMs } of events) {
      if (values === null) rejected++;
      else rows++;
      if (values === null) continue;
      first ??= timeMs;
      last = timeMs;
    }
  }
  await merge.close();
  return {
    rows,
    rejected,
    ...(speed === "max" ? {} : { seconds: Math.round((last - (first ?? last)) / 1000 / speed) }),
  };
}
