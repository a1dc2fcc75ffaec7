import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareChecksums, describeFile, findDamage, formatChecksums, parseChecksums } from "./checksums.ts";

const [a, b] = ["a".repeat(64), "b".repeat(64)];

test("checksums read back as they were written, sorted by path", () => {
  const text = formatChecksums(
    new Map([
      ["kafka/z.jar", a],
      ["elasticsearch/lib/x y.jar", b],
    ]),
  );
  expect(text).toBe(`${b}  elasticsearch/lib/x y.jar\n${a}  kafka/z.jar\n`);
  expect([...parseChecksums(text)]).toEqual([
    ["elasticsearch/lib/x y.jar", b],
    ["kafka/z.jar", a],
  ]);
});

test("a wrong, a missing and a surplus file are named with what was expected and what came", () => {
  const pinned = new Map([
    ["same.jar", a],
    ["wrong.jar", a],
    ["missing.jar", a],
  ]);
  const came = new Map([
    ["same.jar", a],
    ["wrong.jar", b],
    ["surplus.jar", b],
  ]);
  expect(compareChecksums(pinned, came)).toEqual([
    `missing.jar: expected sha256 ${a}, got no file`,
    `surplus.jar: expected no such file, got sha256 ${b}`,
    `wrong.jar: expected sha256 ${a}, got ${b}`,
  ]);
});

test("a changed file is found whatever its size, a touched one is no damage, a removed one is", () => {
  const root = mkdtempSync(join(tmpdir(), "tidemark-checksums-"));
  try {
    const names = ["changed.jar", "touched.jar", "removed.jar"];
    for (const name of names) writeFileSync(join(root, name), "1234");
    const manifest = names.map((name) => describeFile(root, name));
    expect(findDamage(root, manifest)).toEqual([]);
    writeFileSync(join(root, "changed.jar"), "4321");
    utimesSync(join(root, "changed.jar"), 1, 1);
    utimesSync(join(root, "touched.jar"), 1, 1);
    rmSync(join(root, "removed.jar"));
    const damage = findDamage(root, manifest);
    expect(damage).toHaveLength(2);
    expect(damage[0]).toMatch(/^changed\.jar: expected sha256 03ac674.*, got fe2592b/);
    expect(damage[1]).toMatch(/^removed\.jar: expected sha256 03ac674.*, got no file/);
  } finally {
    rmSync(root, { recursive: true });
  }
});
