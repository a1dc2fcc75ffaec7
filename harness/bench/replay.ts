import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "../../data/generate/generate.ts";
import { silentLog } from "../../src/log.ts";
import { copyLine } from "../../src/replay/copy-text.ts";
import { prepare } from "../../src/replay/prepare/prepare.ts";
import { mergeFrom, openFiles, replay } from "../../src/replay/replay.ts";
import { createDatabase } from "../pipeline.ts";
import type { Endpoints } from "../stack/stack.ts";

const ROUNDS = 3;

/** `replay --speed max` against COPY of the same clicks by the driver, in turn. */
export async function benchReplay(endpoints: Endpoints, rows = 100_000) {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-bench-"));
  await using database = await createDatabase(endpoints);
  const { config, sql } = database;
  try {
    const raw = join(folder, "raw");
    generate({ out: raw, clicks: rows, transactions: 10, customers: 10, products: 300, seed: 1, days: 1 });
    await prepare({ raw, out: folder }, silentLog);
    const files = await openFiles(folder);
    const [clicks] = files;
    if (clicks === undefined) throw new Error("no clicks");
    const merge = mergeFrom([clicks], new Map());
    const lines = (await merge.takeWhile(() => true, rows)).map(({ values }) => copyLine(values ?? []));
    await merge.close();
    const text = lines.join("");
    let replaySeconds = Number.POSITIVE_INFINITY;
    let copySeconds = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      const summary = await replay({ config, dataDir: folder, speed: "max", mode: "fresh", log: silentLog });
      replaySeconds = Math.min(replaySeconds, summary.seconds);
      const started = performance.now();
      const copy = await sql.unsafe(`COPY clicks (${clicks.columns.join(", ")}) FROM STDIN`).writable();
      await new Promise<void>((resolve, reject) => {
        copy.once("error", reject);
        copy.once("finish", () => resolve());
        copy.end(text);
      });
      copySeconds = Math.min(copySeconds, (performance.now() - started) / 1000);
    }
    return {
      rows,
      replayRowsPerSecond: Math.round(rows / replaySeconds),
      copyRowsPerSecond: Math.round(rows / copySeconds),
      ratio: Math.round((copySeconds / replaySeconds) * 100) / 100,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
