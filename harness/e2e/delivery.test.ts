import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Sink } from "../../src/sink/sink.ts";
import type { Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { startDaemon } from "./daemon.ts";
import { STACK_TIMEOUT_MS, startProgram, testPipeline } from "./fixture.ts";
import { neverLogged } from "./logs.ts";
import { openReceivers, type Receivers, type Told } from "./receivers.ts";

const TIMEOUT_MS = 420_000;
/** After a minute of failures the next attempt may be another minute away. */
const TOLD_MS = 120_000;

let pipeline: Pipeline;
let sink: Sink;

beforeAll(async () => {
  pipeline = await testPipeline();
  sink = await pipeline.startSink();
}, STACK_TIMEOUT_MS);

afterAll(async () => {
  await pipeline?.[Symbol.asyncDispose]();
}, 60_000);

/** A fault that one look proves, and that lasts until it is mended: with HEAL_MODE=report the watchdog leaves it. */
const breakTable = (table: string) => pipeline.sql.unsafe(`ALTER PUBLICATION tidemark DROP TABLE ${table}`);
const mendTable = (table: string) => pipeline.sql.unsafe(`ALTER PUBLICATION tidemark ADD TABLE ${table}`);

function watch(receivers: Receivers) {
  return startDaemon(pipeline.config, {
    healMode: "report",
    watchdogHealthCron: "* * * * * *",
    ...receivers.settings,
    alertGroupSeconds: 0,
  });
}

/** What each channel was told of a table, in order. */
function storyOf(told: readonly Told[], table: string, channel: Told["channel"]): readonly string[] {
  return told.filter((one) => one.channel === channel && one.text.includes(`table ${table} `)).map((one) => one.event);
}

test(
  "killed with -9 at any moment between a change of state and its delivery: all of it arrives, in order, under one id",
  async () => {
    await using receivers = await openReceivers();
    const tables = ["clicks", "transactions", "customers", "products"];
    receivers.answer("never");
    await receivers.closeMailbox();
    for (const table of tables) {
      const daemon = watch(receivers);
      await daemon.until("leading", 20_000);
      await breakTable(table);
      const requests = receivers.attempts.length;
      // The first is killed while the receiver holds its message; the others somewhere around their change of state.
      if (table === tables[0]) {
        await poll("the message to be under way", TOLD_MS, () => receivers.attempts.length > requests);
      } else await Bun.sleep(500 + Math.random() * 2_000);
      await daemon.kill();
    }
    receivers.answer({ status: 204 });
    await receivers.openMailbox();
    await using daemon = watch(receivers);
    const heard = (event: Told["event"]) =>
      poll(
        `every channel to tell that each table is ${event}`,
        TOLD_MS,
        () =>
          tables.every((table) =>
            (["email", "webhook"] as const).every((channel) => storyOf(receivers.told, table, channel).includes(event)),
          ),
        () => JSON.stringify(receivers.told.map((one) => [one.channel, one.event, one.id])),
      );
    await heard("firing");
    for (const table of tables) await mendTable(table);
    await heard("resolved");
    for (const table of tables) {
      expect(storyOf(receivers.told, table, "email")).toEqual(["firing", "resolved"]);
      expect(storyOf(receivers.told, table, "webhook")).toEqual(["firing", "resolved"]);
    }
    // Also what was cut off was sent under the id under which it arrived.
    const arrived = new Set(receivers.told.map((one) => one.id));
    expect(receivers.attempts.filter((id) => !arrived.has(id))).toEqual([]);
    expect(receivers.forged).toEqual([]);
    expect((await daemon.stop()).code).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  "a mailbox that is down, a webhook that answers 500, then 429, then 410: each channel by itself, nothing lost, in order",
  async () => {
    await using receivers = await openReceivers();
    await using daemon = watch(receivers);
    await daemon.until("leading", 20_000);
    const waitFor = (table: string, channel: Told["channel"], events: readonly string[]) =>
      poll(
        `${channel} to tell ${events.join(", ")} of ${table}`,
        TOLD_MS,
        () => storyOf(receivers.told, table, channel).length >= events.length,
        () => JSON.stringify(receivers.told.map((one) => [one.channel, one.event, one.kinds])),
      ).then(() => expect(storyOf(receivers.told, table, channel)).toEqual([...events]));

    // The mailbox is down for a minute, from before a fault until after the end of two.
    await receivers.closeMailbox();
    const backAtMs = Date.now() + 60_000;
    // 500: it is tried again, under one id.
    receivers.answer({ status: 500 });
    await breakTable("clicks");
    await poll("the webhook to be tried again", TOLD_MS, () => receivers.attempts.length >= 3);
    // 429: not before the time that it names.
    const tries = receivers.attempts.length;
    receivers.answer({ status: 429, headers: { "retry-after": "6" } });
    await poll("the answer 429", TOLD_MS, () => receivers.attempts.length > tries);
    const askedAtMs = Date.now();
    receivers.answer({ status: 204 });
    await mendTable("clicks");
    await waitFor("clicks", "webhook", ["firing", "resolved"]);
    expect(receivers.told.find((one) => one.channel === "webhook")?.atMs).toBeGreaterThan(askedAtMs + 5_800);
    expect(new Set(receivers.attempts).size).toBe(2);
    // What fires now overtakes nothing by mail, and is not held back by it on the webhook.
    await breakTable("transactions");
    await waitFor("transactions", "webhook", ["firing"]);
    await mendTable("transactions");
    await waitFor("transactions", "webhook", ["firing", "resolved"]);
    await Bun.sleep(backAtMs - Date.now());
    await receivers.openMailbox();
    for (const table of ["clicks", "transactions"]) await waitFor(table, "email", ["firing", "resolved"]);

    // 410: the channel is off, which the other one tells, until a person has tried it.
    receivers.answer({ status: 410 });
    await breakTable("customers");
    await receivers.until("firing", "channel-failing", TOLD_MS, ["email"]);
    const refused = receivers.attempts.length;
    await mendTable("customers");
    await waitFor("customers", "email", ["firing", "resolved"]);
    expect(receivers.attempts.length).toBe(refused);
    receivers.answer({ status: 204 });
    const trial = startProgram("daemon/main.ts", ["test-alert", "--channel", "webhook"], {
      ...pipeline.config,
      ...receivers.settings,
    });
    expect(await new Response(trial.stdout).text()).toContain("delivered");
    expect(await trial.exited).toBe(0);
    await waitFor("customers", "webhook", ["firing", "resolved"]);
    await receivers.until("resolved", "channel-failing", TOLD_MS, ["email"]);

    // One that never answers delays no other.
    receivers.answer("never");
    const brokenAtMs = Date.now();
    await breakTable("products");
    await waitFor("products", "email", ["firing"]);
    expect(Date.now() - brokenAtMs).toBeLessThan(8_000);
    await mendTable("products");
    await waitFor("products", "email", ["firing", "resolved"]);
    expect(receivers.forged).toEqual([]);
    const { code, ms } = await daemon.stop();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
  },
  TIMEOUT_MS,
);

test(
  "the dead-man's address is called after each comparison that went through, and no more when none does",
  async () => {
    const path = neverLogged(`ping-${crypto.randomUUID()}`);
    const calls: string[] = [];
    using outside = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        calls.push(new URL(request.url).pathname);
        return new Response();
      },
    });
    await using daemon = startDaemon(pipeline.config, {
      watchdogFenceSeconds: 3,
      deadManUrl: `http://127.0.0.1:${outside.port}/${path}`,
    });
    await poll("three calls", 30_000, () => calls.length >= 3);
    expect(new Set(calls)).toEqual(new Set([`/${path}`]));
    await sink.stop();
    await pipeline.sql`INSERT INTO clicks (session_id) VALUES ('not consumed')`;
    await daemon.until("the fence did not pass", 30_000);
    const called = calls.length;
    await Bun.sleep(5_000);
    expect(calls.length).toBe(called);
    sink = await pipeline.startSink();
    await poll("a call once the sink is back", 30_000, () => calls.length > called);
  },
  TIMEOUT_MS,
);
