import { createKafka } from "../../src/kafka.ts";
import type { Postgres } from "../../src/postgres.ts";
import { topicOf } from "../../src/tables.ts";
import type { Pipeline } from "../pipeline.ts";
import { poll } from "../poll.ts";

const DRAIN_MS = 5 * 60_000;

/** Inserts clicks as the shop has them, in transactions of 5,000. */
export async function insertClicks(sql: Postgres, rows: number): Promise<void> {
  for (let done = 0; done < rows; done += 5_000) {
    await sql`
      INSERT INTO clicks (session_id, event_name, event_id, traffic_source, product_id, quantity, item_price, payment_status)
      SELECT gen_random_uuid(), 'ADD_TO_CART', gen_random_uuid(), 'MOBILE', n, 1 + n % 3, n * 1.5, 'Success'
      FROM generate_series(1, ${Math.min(5_000, rows - done)}::int) n`;
  }
}

/** Waits until Debezium has brought so many events into the topic of clicks. */
export async function waitForTopic(pipeline: Pipeline, events: number): Promise<void> {
  const clicks = pipeline.tables.find((table) => table.name === "clicks");
  if (clicks === undefined) throw new Error("the pipeline has no clicks");
  const admin = createKafka(pipeline.config, "bench").admin();
  await admin.connect();
  try {
    await poll(`${events} events in Kafka`, DRAIN_MS, async () => {
      const ends = await admin.fetchTopicOffsets(topicOf(pipeline.config.topicPrefix, clicks));
      return ends.reduce((sum, end) => sum + Number(end.high), 0) >= events;
    });
  } finally {
    await admin.disconnect();
  }
}
