import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sizeInBytes } from "../compose/compose-file.ts";
import { identityOf } from "../identity.ts";
import { ownerFile } from "../state.ts";
import { withoutFrames } from "./container-server.ts";
import { claim, isAbandoned, release } from "./owner.ts";

test("a stack is abandoned when its process is gone, or its folder; not while it runs, nor after it was stopped; one that runs stays its owner's", async () => {
  const dir = mkdtempSync(join(tmpdir(), "tidemark-owner-"));
  claim(dir);
  expect(isAbandoned(dir)).toBe(false);
  const child = Bun.spawn(["sleep", "60"]);
  writeFileSync(ownerFile(dir), JSON.stringify({ pid: child.pid, identity: "another process of that id" }));
  expect(isAbandoned(dir)).toBe(true);
  claim(dir);
  expect(isAbandoned(dir)).toBe(false);
  const other = { pid: child.pid, identity: identityOf(child.pid) };
  writeFileSync(ownerFile(dir), JSON.stringify(other));
  claim(dir);
  expect(JSON.parse(readFileSync(ownerFile(dir), "utf8"))).toEqual(other);
  child.kill("SIGKILL");
  await child.exited;
  release(dir);
  expect(existsSync(ownerFile(dir))).toBe(false);
  expect(isAbandoned(dir)).toBe(false);
  rmSync(dir, { recursive: true });
  expect(isAbandoned(dir)).toBe(true);
});

test("a log's text is what stands between its frames", () => {
  const frame = (text: string) => Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)]);
  expect(withoutFrames(Buffer.concat([frame("one\n"), frame("two\n")]))).toBe("one\ntwo");
  expect(withoutFrames(Buffer.alloc(0))).toBe("");
});

test("sizes are those of the compose file", () => {
  expect([sizeInBytes("512k"), sizeInBytes("128m"), sizeInBytes("2g")]).toEqual([524_288, 134_217_728, 2_147_483_648]);
  expect(() => sizeInBytes("2")).toThrow("expected a size");
});
