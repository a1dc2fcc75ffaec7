import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environmentExample } from "./environment-example.ts";

test(".env.example lists every setting with its help and default, in the order of the declaration", () => {
  const file = join(import.meta.dir, "../.env.example");
  expect(readFileSync(file, "utf8"), "write it anew with: bun src/environment-example.ts > .env.example").toBe(
    environmentExample(),
  );
});
