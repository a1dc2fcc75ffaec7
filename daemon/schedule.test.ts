import { expect, test } from "bun:test";
import { sleep } from "../src/sleep.ts";
import { checkCron, lastDueMs, schedule } from "./schedule.ts";

const NEVER = "0 0 0 29 2 *";

test("runs never overlap, and those missed meanwhile are caught up by one", async () => {
  let [running, most, runs] = [0, 0, 0];
  const scheduled = schedule(NEVER, async () => {
    runs++;
    most = Math.max(most, ++running);
    await sleep(20);
    running--;
  });
  for (let count = 0; count < 5; count++) scheduled.trigger();
  await sleep(70);
  expect({ most, runs }).toEqual({ most: 1, runs: 2 });
  await scheduled.stop();
});

test("after stop nothing runs, and stop waits for what does", async () => {
  let done = 0;
  const scheduled = schedule(NEVER, async () => {
    await sleep(20);
    done++;
  });
  scheduled.trigger();
  scheduled.trigger();
  await scheduled.stop();
  expect(done).toBe(1);
  scheduled.trigger();
  await sleep(30);
  expect(done).toBe(1);
});

test("a missed run is told from its expression", () => {
  expect(lastDueMs("0 0 3 * * *", Date.parse("2026-05-05T04:00:00"))).toBe(Date.parse("2026-05-05T03:00:00"));
});

test("a wrong expression is refused by the setting's name", () => {
  expect(() => checkCron("WATCHDOG_RECENT_CRON", "every day")).toThrow(/WATCHDOG_RECENT_CRON/);
});
