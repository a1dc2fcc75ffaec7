import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../deadline.ts";
import { descendantsOf, identityOf, isStopped, parseStat } from "../identity.ts";
import { findServer, killTree, parseRecord, signalTree, spawnServer } from "./process.ts";

const root = mkdtempSync(join(tmpdir(), "tidemark-process-"));
afterAll(() => rmSync(root, { recursive: true }));

const environment = { PATH: "/usr/bin:/bin" };
const sleepy = { argv: ["sh", "-c", "sleep 60 & sleep 60 & wait"], environment };

test("a process's name may hold brackets and blanks", () => {
  const stat = "42 (a) S (b) T 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1 1";
  expect(parseStat(stat)).toEqual({ state: "T", parent: 7, startTicks: "98765" });
});

test("a server is found by its pid file, leads a group of its own, and is gone after killTree with its children", async () => {
  const folder = join(root, "tree");
  const pid = await spawnServer(folder, sleepy);
  expect(findServer(folder)).toBe(pid);
  // Signal 0 to the group that the server leads: there is one.
  expect(() => process.kill(-pid, 0)).not.toThrow();
  expect(await waitFor(() => descendantsOf(pid).length === 2, 5_000)).toBe(true);
  const children = descendantsOf(pid);
  expect(await killTree(pid, 5_000)).toBe(true);
  expect([pid, ...children].map(identityOf)).toEqual([undefined, undefined, undefined]);
  expect(findServer(folder)).toBeUndefined();
});

test("a recycled id is not taken for the server", async () => {
  const folder = join(root, "recycled");
  const pid = await spawnServer(folder, sleepy);
  const record = readFileSync(join(folder, "pid"), "utf8");
  await killTree(pid, 5_000);
  // This test's own process is alive, but did not start when the record says.
  writeFileSync(join(folder, "pid"), record.replace(/^\d+/, String(process.pid)));
  expect(parseRecord(readFileSync(join(folder, "pid"), "utf8"))?.pid).toBe(process.pid);
  expect(findServer(folder)).toBeUndefined();
});

test.each(["", "12", "12\n", "x\nboot\n1 (a) S 1", "\n\n"])("a pid file that holds %j names no server", (text) => {
  const folder = mkdtempSync(join(root, "broken-"));
  writeFileSync(join(folder, "pid"), text);
  expect(findServer(folder)).toBeUndefined();
});

test("a paused tree is stopped as a whole, and runs again", async () => {
  const folder = join(root, "paused");
  const pid = await spawnServer(folder, sleepy);
  await waitFor(() => descendantsOf(pid).length === 2, 5_000);
  const all = [pid, ...descendantsOf(pid)];
  signalTree(pid, "SIGSTOP");
  expect(await waitFor(() => all.every(isStopped), 5_000)).toBe(true);
  signalTree(pid, "SIGCONT");
  expect(await waitFor(() => !all.some(isStopped), 5_000)).toBe(true);
  await killTree(pid, 5_000);
});

test("a server outlives a parent that was killed with -9, and is found again", async () => {
  const folder = join(root, "orphan");
  const program = `
    import { spawnServer } from ${JSON.stringify(join(import.meta.dir, "process.ts"))};
    await spawnServer(${JSON.stringify(folder)}, ${JSON.stringify(sleepy)});
    console.log("spawned");
    await Bun.sleep(60_000);`;
  const parent = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
  await parent.stdout.getReader().read();
  parent.kill("SIGKILL");
  await parent.exited;
  const pid = findServer(folder);
  expect(pid).toBeNumber();
  await killTree(pid ?? 0, 5_000);
  expect(findServer(folder)).toBeUndefined();
});
