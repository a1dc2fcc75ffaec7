import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { createKafka } from "../../src/kafka.ts";
import { removeConnector } from "../../src/setup/connector.ts";
import type { Sink } from "../../src/sink/sink.ts";
import type { Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";
import type { ServerName, Stack } from "../stack/stack.ts";
import { type Daemon, OFTEN, startDaemon } from "./daemon.ts";
import { STACK_TIMEOUT_MS, testPipeline, testStack } from "./fixture.ts";
import { neverLogged } from "./logs.ts";
import { openReceivers, type Receivers } from "./receivers.ts";
import { deleteDocuments } from "./tamper.ts";

const TIMEOUT_MS = 240_000;
/** What a fault may take until people know of it, and its end. */
const TOLD_MS = 60_000;
/** How long a fault lasts beyond its message, for its consequences to show. */
const LASTS_MS = 8_000;

const PACE = {
  ...OFTEN,
  watchdogFenceSeconds: 5,
  watchdogLatencySeconds: 3,
} as const;

const value = neverLogged("a-value-of-a-row");
let stack: Stack;
let pipeline: Pipeline;
let sink: Sink;
let receivers: Receivers;
let daemon: Daemon;
let logged = 0;

beforeAll(async () => {
  stack = await testStack();
  pipeline = await testPipeline();
  receivers = await openReceivers();
  sink = await pipeline.startSink();
  await pipeline.sql`INSERT INTO clicks (session_id, search_keywords) SELECT ${value}, ${value} FROM generate_series(1, 200)`;
  await pipeline.expectIdentical();
  daemon = startDaemon(pipeline.config, { ...PACE, ...receivers.settings });
  await daemon.until("leading", 20_000);
}, STACK_TIMEOUT_MS);

/** What the watchdog did is what one wants to read where a test failed. */
afterEach(() => {
  const log = daemon.log();
  if (process.env.CI !== "true") process.stderr.write(log.slice(logged));
  logged = log.length;
});

afterAll(async () => {
  await daemon?.stop();
  await receivers?.[Symbol.asyncDispose]();
  await pipeline?.[Symbol.asyncDispose]();
}, 60_000);

const stopped = (name: ServerName) => ({
  break: () => stack.server(name).stop(),
  mend: () => stack.server(name).start(),
});

type Fault = {
  readonly what: string;
  /** The one kind of which people are told. */
  readonly kind: string;
  /** Said in every message. */
  readonly says: RegExp;
  readonly break: () => Promise<unknown>;
  /** Nothing to do where the watchdog mends it. */
  readonly mend?: () => Promise<unknown>;
};

/** In an order in which none is taken for a consequence of one that has just ended. */
const faults: readonly Fault[] = [
  {
    what: "documents are deleted",
    kind: "divergence",
    says: /3 rows of clicks differ .*missing/,
    break: () => deleteDocuments(pipeline, "clicks", [1, 2, 3]),
  },
  {
    what: "Kafka Connect stops",
    kind: "connect-unreachable",
    says: /Kafka Connect at .* does not answer/,
    ...stopped("connect"),
  },
  {
    what: "Elasticsearch stops",
    kind: "elasticsearch-unreachable",
    says: /Elasticsearch at .* does not answer/,
    ...stopped("elasticsearch"),
  },
  { what: "the slot is dropped", kind: "slot-missing", says: /replication slot .* is missing/, break: dropSlot },
  {
    what: "PostgreSQL stops",
    kind: "postgres-unreachable",
    says: /PostgreSQL at .* does not answer/,
    ...stopped("postgres"),
  },
  { what: "Kafka stops", kind: "kafka-unreachable", says: /Kafka at .* does not answer/, ...stopped("kafka") },
  {
    what: "a table leaves the publication",
    kind: "table-unpublished",
    says: /table clicks is not in the publication/,
    break: () => pipeline.sql`ALTER PUBLICATION tidemark DROP TABLE clicks`,
  },
  {
    what: "a message is poison",
    kind: "dead-letters",
    says: /1 messages of clicks aside/,
    break: () => poison(`{"after": ${value}`),
  },
  {
    what: "Elasticsearch's disk is past its watermark",
    kind: "elasticsearch-read-only",
    says: /disk is too full/,
    break: () => diskLimits({ enabled: true, bytes: "100000000gb" }),
    mend: () => diskLimits(null),
  },
  {
    what: "the sink stops",
    kind: "sink-absent",
    says: /nobody reads for the consumer group/,
    break: () => sink.stop(),
    mend: async () => {
      sink = await pipeline.startSink();
    },
  },
  {
    what: "the connector is deleted",
    kind: "connector-missing",
    says: /connector .* does not exist/,
    break: () => removeConnector(pipeline.config),
  },
];

async function dropSlot(): Promise<void> {
  const { sql, config } = pipeline;
  await poll("the slot to be dropped", 15_000, async () => {
    await sql`SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = ${config.slotName} AND active`;
    await sql`SELECT pg_drop_replication_slot(${config.slotName})`;
    return true;
  });
}

async function poison(text: string): Promise<void> {
  const producer = createKafka(pipeline.config, "test").producer();
  await producer.connect();
  await producer.send({
    topic: `${pipeline.config.topicPrefix}.public.clicks`,
    messages: [{ key: '{"id":1}', value: text, partition: 0 }],
  });
  await producer.disconnect();
}

/** Moves Elasticsearch's own watermarks, so that its disk counts as full; it then blocks its indices by itself. */
async function diskLimits(limits: { readonly enabled: boolean; readonly bytes: string } | null): Promise<void> {
  const prefix = "cluster.routing.allocation.disk";
  const persistent = {
    "cluster.info.update.interval": limits === null ? null : "10s",
    [`${prefix}.threshold_enabled`]: limits === null ? true : limits.enabled,
    [`${prefix}.watermark.low`]: limits?.bytes ?? null,
    [`${prefix}.watermark.high`]: limits?.bytes ?? null,
    [`${prefix}.watermark.flood_stage`]: limits?.bytes ?? null,
  };
  const { elasticsearchUrl } = pipeline.config;
  const response = await fetch(`${elasticsearchUrl}/_cluster/settings`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ persistent }),
  });
  if (!response.ok) throw new Error(`watermarks: ${response.status} ${await response.text()}`);
}

test.each(faults.map((fault) => [fault.what, fault] as const))(
  "%s: one message that it fires and one that it is over, on each channel, and none for its consequences",
  async (_what, fault) => {
    const before = receivers.told.length;
    const brokenAtMs = Date.now();
    await fault.break();
    const firing = await receivers.until("firing", fault.kind, TOLD_MS);
    const toldAfterMs = Date.now() - brokenAtMs;
    if (fault.mend) {
      await Bun.sleep(LASTS_MS);
      await fault.mend();
    }
    const mendedAtMs = Date.now();
    const resolved = await receivers.until("resolved", fault.kind, TOLD_MS);
    console.log(`${fault.kind}: told after ${toldAfterMs} ms, its end ${Date.now() - mendedAtMs} ms after the mend`);
    // What lingers would be told of by now.
    await Bun.sleep(4_000);
    expect(
      receivers.told
        .slice(before)
        .map(({ channel, event, kinds }) => [channel, event, ...kinds])
        .sort(),
    ).toEqual([
      ["email", "firing", fault.kind],
      ["email", "resolved", fault.kind],
      ["webhook", "firing", fault.kind],
      ["webhook", "resolved", fault.kind],
    ]);
    for (const { text } of [...firing, ...resolved]) {
      expect(text).toMatch(fault.says);
      expect(text).not.toContain(value);
    }
    expect(receivers.forged).toEqual([]);
    await pipeline.expectIdentical();
  },
  TIMEOUT_MS,
);

test("after all of that it ends cleanly", async () => {
  const { code, ms } = await daemon.stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(10_000);
}, 20_000);
