import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "./lock.ts";

const root = mkdtempSync(join(tmpdir(), "tidemark-lock-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Another process that holds the lock for a while, or until it is killed. */
async function holdElsewhere(file: string, holdMs: number) {
  const program = `
    import { withLock } from ${JSON.stringify(join(import.meta.dir, "lock.ts"))};
    await withLock(${JSON.stringify(file)}, async () => { console.log("held"); await Bun.sleep(${holdMs}); });`;
  const holder = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
  await holder.stdout.getReader().read();
  return holder;
}

test("one process at a time, and whoever waits is told for whom", async () => {
  const file = join(root, "one");
  const holder = await holdElsewhere(file, 300);
  const waited: string[] = [];
  const exitCode = await withLock(file, async () => holder.exitCode, { onWait: (who) => waited.push(who) });
  expect(waited).toEqual([`process ${holder.pid}`]);
  expect(await holder.exited).toBe(0);
  expect([0, null]).toContain(exitCode);
});

test("within one process as well", async () => {
  let inside = 0;
  const enter = () =>
    withLock(join(root, "same"), async () => {
      expect(++inside).toBe(1);
      await Bun.sleep(20);
      inside--;
    });
  await Promise.all([enter(), enter(), enter()]);
});

test("a second caller who waits in the holder's process does not let another process in", async () => {
  const file = join(root, "third");
  const order: string[] = [];
  const first = withLock(file, async () => {
    await Bun.sleep(600);
    order.push("first");
  });
  const second = withLock(file, async () => order.push("second"));
  const elsewhere = holdElsewhere(file, 0).then(() => order.push("elsewhere"));
  await Promise.all([first, second, elsewhere]);
  expect(order[0]).toBe("first");
});

test("a holder that was killed with -9 holds it no longer", async () => {
  const file = join(root, "killed");
  const holder = await holdElsewhere(file, 60_000);
  await expect(withLock(file, async () => {}, { timeoutMs: 100 })).rejects.toThrow(
    `still held by process ${holder.pid}`,
  );
  holder.kill("SIGKILL");
  await holder.exited;
  expect(await withLock(file, async () => "ours", { timeoutMs: 1_000 })).toBe("ours");
});

test("a lock whose folder was purged while we waited is taken anew", async () => {
  const folder = join(root, "purged");
  const file = join(folder, "lock");
  const events: string[] = [];
  const enter = (name: string) => async () => {
    events.push(`${name} in`);
    await Bun.sleep(100);
    events.push(`${name} out`);
  };
  const first = withLock(file, async () => {
    await Bun.sleep(100);
    rmSync(folder, { recursive: true });
  });
  const second = withLock(file, enter("second"));
  await first;
  await Promise.all([second, withLock(file, enter("third"))]);
  expect(events).toHaveLength(4);
  expect(events[0]?.split(" ")[0]).toBe(events[1]?.split(" ")[0] ?? "");
});
