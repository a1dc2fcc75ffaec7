import { beforeAll, expect, test } from "bun:test";
import { type HealedRow, healEvents } from "../../daemon/heal/event.ts";
import { readRows } from "../../daemon/heal/rows.ts";
import { type CatalogTable, readCatalog } from "../../src/catalog.ts";
import { parseLossless } from "../../src/lossless-json.ts";
import type { Row } from "../../src/row-codec.ts";
import { HEAL_EXPIRY_MS, HEAL_HEADER } from "../../src/sink/expiry.ts";
import { type Table, topicOf } from "../../src/tables.ts";
import type { Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import { readTopic } from "../topic.ts";
import { createEveryType, everyType, insertEveryType, wrongInSnapshots } from "./every-type.ts";
import { STACK_TIMEOUT_MS, testPipeline, testStack, waitForCount } from "./fixture.ts";
import { openWatchdog } from "./watchdog.ts";

const composite: Table = { name: "composite", key: ["name", "owner", "number"], timeColumn: "created_at" };

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

type Message = {
  readonly partition: number;
  readonly key: string;
  readonly value: string | null;
  readonly isHeal: boolean;
};

async function createComposite(pipeline: Parameters<typeof createEveryType>[0]): Promise<void> {
  await pipeline.unsafe(`
    CREATE TABLE composite (number bigint, name text, note text, owner uuid, created_at timestamptz NOT NULL DEFAULT now(),
                            PRIMARY KEY (name, owner, number));
    ALTER TABLE composite REPLICA IDENTITY FULL;
    GRANT SELECT ON composite TO tidemark_replication, tidemark_watchdog;
    ALTER PUBLICATION tidemark ADD TABLE composite;`);
}

async function waitForMessages(pipeline: Pipeline, table: Table, wanted: number): Promise<readonly Message[]> {
  let messages: readonly Message[] = [];
  await poll(`${wanted} messages of ${table.name}`, 30_000, async () => {
    messages = (await readTopic(pipeline, table)).map(({ partition, key, value, headers }) => ({
      partition,
      key: String(key),
      value: value && String(value),
      isHeal: headers[HEAL_HEADER] !== undefined,
    }));
    return messages.length >= wanted;
  });
  return messages;
}

type Event = {
  readonly after: Record<string, unknown> | null;
  readonly source: Record<string, unknown>;
  readonly op: string;
};
const parse = (message: Message | undefined) => parseLossless(message?.value ?? "null", () => true) as Event;

/** A date that has no end comes out of Debezium's snapshots as a number that no other date has. */
function isKnownQuirk(column: string, row: Row, event: Event): boolean {
  return event.op === "r" && column === "c_date" && (row[column]?.endsWith("infinity") ?? false);
}

test("a heal's events are Debezium's own for the same row, field by field, and go to the same partition", async () => {
  await using pipeline = await testPipeline({
    tables: [everyType, composite],
    prepare: async (sql) => {
      await createEveryType(sql);
      await createComposite(sql);
      await insertEveryType(sql, wrongInSnapshots);
    },
  });
  const { sql, config } = pipeline;
  await insertEveryType(sql);
  await sql`
    INSERT INTO composite (name, owner, number)
    SELECT name, gen_random_uuid(), n * 9007199254740993 FROM generate_series(-20, 20) n,
      unnest(ARRAY['plain', 'é combining e\u0301', '👩‍👩‍👧', 'quote " back \\ slash /', E'\\x01 \\x1f \\x7f \\u2028 \\uFFFD', '']) name`;
  const rowsOf = async (table: Table) => Number((await sql`SELECT count(*) FROM ${sql(table.name)}`)[0]?.count);
  const counts = { every_type: await rowsOf(everyType), composite: await rowsOf(composite) };
  expect(counts).toMatchObject({ composite: 246 });
  await using watchdog = await openWatchdog(pipeline);
  await watchdog.producer.connect();

  const version = 2 ** 40;
  const options = {
    topicPrefix: config.topicPrefix,
    database: config.postgresDatabase,
    version,
    healId: 1,
    nowMs: Date.now(),
  };
  const send = (table: CatalogTable, healed: readonly HealedRow[]) =>
    watchdog.producer.send({
      topic: topicOf(config.topicPrefix, table),
      messages: healed.flatMap((one) => [...healEvents(table, one, options)]),
    });
  const differing = new Set<string>();
  for (const table of await readCatalog(sql, [everyType, composite])) {
    const count = counts[table.name as keyof typeof counts];
    const theirs = await waitForMessages(pipeline, table, count);
    expect(theirs).toHaveLength(count);
    const keys = theirs.map(({ key }) => {
      const parsed = parseLossless(key, () => true) as Record<string, unknown>;
      return table.key.map((name) => String(parsed[name]));
    });
    const rows = await readRows(watchdog.sql, table, keys);
    expect(rows.size).toBe(count);
    await send(table, [...rows.values()]);
    const ours = (await waitForMessages(pipeline, table, 2 * count)).filter(({ isHeal }) => isHeal);
    const byKey = new Map(ours.map((message) => [message.key, message]));
    const rowByKey = new Map([...rows.values()].map((row) => [String(healEvents(table, row, options)[0]?.key), row]));
    expect([...byKey.keys()].sort()).toEqual(theirs.map(({ key }) => key).sort());
    for (const their of theirs) {
      const our = byKey.get(their.key);
      expect(our?.partition).toBe(their.partition);
      const [mine, debeziums] = [parse(our), parse(their)];
      expect(Object.keys(mine)).toEqual(Object.keys(debeziums));
      expect(Object.keys(mine.source).sort()).toEqual(Object.keys(debeziums.source).sort());
      for (const [name, value] of Object.entries(mine.source)) {
        if (value !== null && debeziums.source[name] !== null) expect(typeof value).toBe(typeof debeziums.source[name]);
      }
      expect(Object.keys(mine.after ?? {})).toEqual(Object.keys(debeziums.after ?? {}));
      for (const [column, value] of Object.entries(debeziums.after ?? {})) {
        if (isKnownQuirk(column, rowByKey.get(their.key) ?? {}, debeziums)) continue;
        if (!Bun.deepEquals(mine.after?.[column], value))
          differing.add(`${debeziums.op} ${column} ${mine.after?.[column]}: ${value}`);
      }
      expect(mine.op).toBe("r");
    }
  }

  expect([...differing]).toEqual([]);
  await pipeline.startSink();
  await pipeline.expectIdentical();
  const indexed = async (table: Table) => {
    const { elasticsearchUrl, indexPrefix } = config;
    const response = await fetch(
      `${elasticsearchUrl}/${indexPrefix}${table.name}_index/_count?q=tidemark.lsn:${version}`,
    );
    return ((await response.json()) as { count: number }).count;
  };
  // Debezium's own events make the same documents but for the version, so being identical does not tell.
  await waitForCount("healed rows", 30_000, () => indexed(everyType), counts.every_type);
  await waitForCount("healed rows", 30_000, () => indexed(composite), counts.composite);
}, 120_000);

test("a heal's delete has the key and partition of Debezium's, and a tombstone behind it", async () => {
  await using pipeline = await testPipeline({
    tables: [composite],
    prepare: createComposite,
  });
  const { sql, config } = pipeline;
  const owner = crypto.randomUUID();
  await sql`INSERT INTO composite (name, owner, number) SELECT 'é' || n, ${owner}, n FROM generate_series(1, 20) n`;
  await sql`DELETE FROM composite`;
  const theirs = (await waitForMessages(pipeline, composite, 60)).filter(
    ({ value }) => value === null || parse({ value } as Message).op === "d",
  );
  expect(theirs).toHaveLength(40);
  await using watchdog = await openWatchdog(pipeline);
  await watchdog.producer.connect();
  const [table] = await readCatalog(sql, [composite]);
  if (table === undefined) throw new Error("no catalog");
  for (let n = 1; n <= 20; n++) {
    const options = {
      topicPrefix: config.topicPrefix,
      database: config.postgresDatabase,
      version: 2 ** 40,
      healId: 1,
      nowMs: Date.now(),
    };
    const messages = [...healEvents(table, { deletedKey: [`é${n}`, owner, String(n)] }, options)];
    await watchdog.producer.send({ topic: topicOf(config.topicPrefix, table), messages });
  }
  const ours = (await waitForMessages(pipeline, composite, 100)).filter(({ isHeal }) => isHeal);
  const shape = (messages: readonly Message[]) =>
    messages
      .map(
        ({ key, partition, value }) =>
          `${partition} ${key} ${value === null ? "tombstone" : parse({ value } as Message).op}`,
      )
      .sort();
  expect(shape(ours)).toEqual(shape(theirs));
  for (let n = 0; n < ours.length; n += 1) {
    // In each partition a delete comes first, then its tombstone.
    const earlier = ours.slice(0, n).some(({ key, value }) => key === ours[n]?.key && value !== null);
    expect(earlier).toBe(ours[n]?.value === null);
  }
}, 120_000);

test("a heal's event expires long before Elasticsearch may forget a delete", async () => {
  await using pipeline = await testPipeline();
  const { elasticsearchUrl, indexPrefix } = pipeline.config;
  await pipeline.startSink();
  const response = await fetch(`${elasticsearchUrl}/${indexPrefix}clicks_index/_settings?flat_settings=true`);
  const [index] = Object.values((await response.json()) as Record<string, { settings: Record<string, string> }>);
  const hours = Number(/^(\d+)h$/.exec(index?.settings["index.gc_deletes"] ?? "")?.[1]);
  expect(HEAL_EXPIRY_MS).toBeLessThanOrEqual((hours * 3_600_000) / 2);
}, 60_000);
