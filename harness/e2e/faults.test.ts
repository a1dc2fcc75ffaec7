import { beforeAll, expect, test } from "bun:test";
import { readLetters, retryLetters } from "../../src/dead-letters/letters.ts";
import { createKafka } from "../../src/kafka.ts";
import type { Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { countDocuments, STACK_TIMEOUT_MS, startProgram, testPipeline, testStack, waitForCount } from "./fixture.ts";

const TIMEOUT_MS = 180_000;

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

const insertClicks = (pipeline: Pipeline, rows: number) =>
  pipeline.sql`
    INSERT INTO clicks (session_id, event_name, item_price)
    SELECT 's' || n, 'SCROLL', n * 1.25 FROM generate_series(1, ${rows}) n`.then(() => {});

test(
  "kill -9 of the sink in the middle loses nothing and doubles nothing",
  async () => {
    await using pipeline = await testPipeline();
    const { config } = pipeline;
    const first = startProgram("src/sink/main.ts", ["--sink-bulk-actions", "200"], config);
    await insertClicks(pipeline, 20_000);
    await waitForCount("documents", 60_000, () => countDocuments(config, "clicks"), 1);
    first.kill("SIGKILL");
    await first.exited;
    expect(await countDocuments(config, "clicks")).toBeLessThan(20_000);
    await pipeline.sql`UPDATE clicks SET event_name = 'LATER' WHERE id <= 2000`;
    const second = startProgram("src/sink/main.ts", [], config);
    await pipeline.expectIdentical(90_000);
    second.kill("SIGTERM");
    const started = Date.now();
    expect(await second.exited).toBe(0);
    expect(Date.now() - started).toBeLessThan(10_000);
  },
  TIMEOUT_MS,
);

test(
  "kill -9 of Kafka Connect in the middle of a large COPY and of a multi-row insert loses nothing",
  async () => {
    const stack = await testStack();
    await using pipeline = await testPipeline();
    const { sql, config } = pipeline;
    await pipeline.startSink();
    const rows = Array.from({ length: 40_000 }, (_, n) => `copy-${n}\tSCROLL\n`);
    const copy = await sql`COPY clicks (session_id, event_name) FROM STDIN`.writable();
    for (const row of rows) if (!copy.write(row)) await new Promise((resolve) => copy.once("drain", resolve));
    await new Promise<void>((resolve, reject) => {
      copy.once("finish", resolve);
      copy.once("error", reject);
      copy.end();
    });
    await sql`INSERT INTO products (id, gender) SELECT n, 'x' FROM generate_series(1, 20000) n`;
    await waitForCount("documents", 60_000, () => countDocuments(config, "clicks"), 1);
    await stack.server("connect").kill();
    const before = await countDocuments(config, "clicks");
    await stack.server("connect").start();
    const verdict = await pipeline.expectIdentical(120_000);
    expect(before).toBeLessThan(40_000);
    expect(verdict.tables.clicks?.rows).toBe(40_000);
  },
  TIMEOUT_MS,
);

test(
  "redelivery of everything from offset 0 changes nothing",
  async () => {
    await using pipeline = await testPipeline();
    const { sql, config } = pipeline;
    const sink = await pipeline.startSink();
    await insertClicks(pipeline, 3_000);
    await sql`UPDATE clicks SET item_price = 0 WHERE id % 2 = 0`;
    await sql`DELETE FROM clicks WHERE id % 3 = 0`;
    await pipeline.expectIdentical();
    await sink.stop();
    const admin = createKafka(config, "test").admin();
    await admin.connect();
    const topic = `${config.topicPrefix}.public.clicks`;
    await admin.resetOffsets({ groupId: config.consumerGroup, topic, earliest: true });
    const again = await pipeline.startSink();
    await poll("the group to reach the end again", 60_000, async () => {
      const ends = await admin.fetchTopicOffsets(topic);
      const [committed] = await admin.fetchOffsets({ groupId: config.consumerGroup, topics: [topic] });
      return ends.every(
        (end) => committed?.partitions.find((one) => one.partition === end.partition)?.offset === end.high,
      );
    });
    await admin.disconnect();
    const redelivered = (await again.metrics.events.get()).values.reduce((sum, entry) => sum + entry.value, 0);
    expect(redelivered).toBe(3_000 + 1_500 + 1_000);
    const verdict = await pipeline.judge();
    expect(verdict.tables.clicks).toEqual({ rows: 2_000, documents: 2_000, differences: [] });
  },
  TIMEOUT_MS,
);

test(
  "two sinks share the partitions, and one may leave",
  async () => {
    await using pipeline = await testPipeline();
    const first = await pipeline.startSink();
    const second = await pipeline.startSink();
    const processed = async (sink: typeof first) =>
      (await sink.metrics.events.get()).values.reduce((sum, entry) => sum + entry.value, 0);
    await poll("both sinks to consume", 60_000, async () => {
      await insertClicks(pipeline, 500);
      return (await processed(first)) > 0 && (await processed(second)) > 0;
    });
    await insertClicks(pipeline, 10_000);
    await second.stop();
    await insertClicks(pipeline, 5_000);
    await pipeline.expectIdentical(90_000);
  },
  TIMEOUT_MS,
);

test(
  "Elasticsearch away for 20 s: the sink waits, stays in its group, and goes on",
  async () => {
    const stack = await testStack();
    await using pipeline = await testPipeline();
    const sink = await pipeline.startSink();
    await insertClicks(pipeline, 2_000);
    await waitForCount("documents", 60_000, () => countDocuments(pipeline.config, "clicks"), 2_000);
    await stack.server("elasticsearch").kill();
    await insertClicks(pipeline, 5_000);
    await poll("the sink to be not ready", 20_000, async () => (await fetch(`${sink.url}/readyz`)).status === 503);
    await Bun.sleep(20_000);
    const admin = createKafka(pipeline.config, "test").admin();
    await admin.connect();
    const { groups } = await admin.describeGroups([pipeline.config.consumerGroup]);
    await admin.disconnect();
    expect(groups[0]?.members.length).toBe(1);
    await stack.server("elasticsearch").start();
    const verdict = await pipeline.expectIdentical(90_000);
    expect(verdict.tables.clicks?.rows).toBe(7_000);
    await poll("the sink to be ready again", 20_000, async () => (await fetch(`${sink.url}/readyz`)).status === 200);
  },
  TIMEOUT_MS,
);

test(
  "a document that Elasticsearch refuses becomes a dead letter with cause, error and bytes; the rest arrives; a retry heals",
  async () => {
    await using pipeline = await testPipeline();
    const { sql, config } = pipeline;
    await pipeline.startSink();
    await sql`
      INSERT INTO transactions (booking_id, shipment_location_lat, shipment_location_long)
      SELECT 'b' || n, CASE WHEN n = 50 THEN 200 ELSE 1.5 END, 100 FROM generate_series(1, 100) n`;
    await waitForCount("documents", 60_000, () => countDocuments(config, "transactions"), 99);
    const kafka = createKafka(config, "test");
    const letters = await poll("a dead letter", 20_000, async () => {
      const found = await readLetters(kafka, config);
      return found.length > 0 && found;
    });
    expect(letters.length).toBe(1);
    const [letter] = letters;
    if (letter === undefined) throw new Error("no letter");
    expect(letter.cause).toBe("refused");
    expect(letter.error).toContain("document_parsing_exception");
    expect(JSON.parse(letter.value.toString()).after.booking_id).toBe("b50");
    expect((await pipeline.judge()).tables.transactions?.differences).toEqual([{ id: "50", kind: "missing" }]);
    await sql`UPDATE transactions SET shipment_location_lat = 2 WHERE id = 50`;
    await pipeline.expectIdentical();
    await retryLetters(kafka, config, letters);
    await poll("no dead letters", 20_000, async () => (await readLetters(kafka, config)).length === 0);
    await pipeline.expectIdentical();
  },
  TIMEOUT_MS,
);

test(
  "poison messages become dead letters and hold nothing up",
  async () => {
    await using pipeline = await testPipeline();
    const { config } = pipeline;
    await pipeline.startSink();
    const poison: [string, Buffer][] = [
      ["not-json", Buffer.from([0, 255, 1, 2])],
      ["not-json", Buffer.from('{"after": ')],
      ["not-an-envelope", Buffer.from("42")],
      ["not-an-envelope", Buffer.from('{"hello": "world"}')],
      ["not-an-envelope", Buffer.from('{"op":"c","source":{"lsn":"x"},"after":{"id":1}}')],
      ["not-the-table", Buffer.from('{"op":"c","source":{"lsn":5,"ts_ms":1},"after":{"session_id":"no key"}}')],
      ["not-the-table", Buffer.from('{"op":"c","source":{"lsn":5,"ts_ms":1},"after":{"id":1,"quantity":"text"}}')],
    ];
    const kafka = createKafka(config, "test");
    const producer = kafka.producer();
    await producer.connect();
    const topic = `${config.topicPrefix}.public.clicks`;
    await producer.send({ topic, messages: poison.map(([, value]) => ({ key: "{}", value, partition: 0 })) });
    await producer.send({ topic, messages: [{ key: '{"id":99}', value: null, partition: 0 }] });
    await producer.disconnect();
    await insertClicks(pipeline, 1_000);
    await pipeline.expectIdentical();
    const letters = await readLetters(kafka, config);
    expect(letters.map((letter) => [letter.cause, letter.value])).toEqual(poison);
    expect(await readLetters(kafka, config, { last: 2 })).toEqual(letters.slice(-2));
  },
  TIMEOUT_MS,
);
