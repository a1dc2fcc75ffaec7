import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../src/log.ts";
import { prepare } from "../src/replay/prepare/prepare.ts";
import { generate } from "./generate/generate.ts";

test("the committed sample is what generate and prepare make, byte for byte", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-sample-"));
  try {
    const raw = join(folder, "raw");
    const out = join(folder, "out");
    generate({ out: raw, clicks: 5000, transactions: 300, customers: 500, products: 300, seed: 2022, days: 1 });
    await prepare({ raw, out }, silentLog);
    const made = {
      "one-day-clicks.csv": join(out, "one-day-clicks.csv"),
      "one-day-transactions.csv": join(out, "one-day-transactions.csv"),
      "customer.csv": join(raw, "customer.csv"),
      "product.csv": join(raw, "product.csv"),
    };
    for (const [name, path] of Object.entries(made)) {
      const same = readFileSync(path).equals(readFileSync(join(import.meta.dir, "sample", name)));
      expect({ name, same }).toEqual({ name, same: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
