import { beforeAll, expect, test } from "bun:test";
import { poll } from "../poll.ts";
import { countDocuments, STACK_TIMEOUT_MS, testPipeline, testStack, waitForCount } from "./fixture.ts";

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

test("insert, update, delete, key change, reinsert and several changes in one transaction all arrive", async () => {
  await using pipeline = await testPipeline();
  const { sql } = pipeline;
  await pipeline.startSink();
  await sql`INSERT INTO products (id, gender, year) SELECT n, 'Men', 2012 FROM generate_series(1, 300) n`;
  await sql`UPDATE products SET gender = 'Women', year = NULL WHERE id % 3 = 0`;
  await sql`DELETE FROM products WHERE id % 5 = 0`;
  await sql`UPDATE products SET id = id + 1000 WHERE id % 7 = 0`;
  await sql`INSERT INTO products (id, gender) VALUES (5, 'again')`;
  await sql.begin(async (transaction) => {
    await transaction`INSERT INTO products (id, gender) VALUES (9001, 'first')`;
    await transaction`UPDATE products SET gender = 'second' WHERE id = 9001`;
    await transaction`DELETE FROM products WHERE id = 9001`;
    await transaction`INSERT INTO products (id, gender) VALUES (9001, 'third')`;
    await transaction`UPDATE products SET gender = 'fourth' WHERE id = 9001`;
    await transaction`INSERT INTO products (id, gender) VALUES (9002, 'gone')`;
    await transaction`DELETE FROM products WHERE id = 9002`;
  });
  const verdict = await pipeline.expectIdentical();
  expect(verdict.tables.products?.rows).toBe(242);
}, 120_000);

test("rows that were there before the connector arrive through its snapshot", async () => {
  await using pipeline = await testPipeline({
    prepare: (sql) =>
      sql`INSERT INTO clicks (session_id) SELECT 's' || n FROM generate_series(1, 500) n`.then(() => {}),
  });
  await pipeline.startSink();
  await pipeline.sql`UPDATE clicks SET promo_amount = 1.50 WHERE id <= 100`;
  const verdict = await pipeline.expectIdentical();
  expect(verdict.tables.clicks).toEqual({ rows: 500, documents: 500, differences: [] });
}, 120_000);

test("an insert that waited for another transaction's delete of its key is not taken for older", async () => {
  await using pipeline = await testPipeline();
  const { sql } = pipeline;
  await pipeline.startSink();
  const first = await sql.reserve();
  const second = await sql.reserve();
  try {
    await first`BEGIN`;
    await first`INSERT INTO products (id, gender) VALUES (7, 'first')`;
    await second`BEGIN`;
    const waiting = second`INSERT INTO products (id, gender) VALUES (7, 'second')`.execute();
    await poll("the second insert to wait for a lock", 10_000, async () => {
      const rows =
        await sql`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
      return rows.length > 0;
    });
    await first`UPDATE products SET gender = 'changed' WHERE id = 7`;
    await first`DELETE FROM products WHERE id = 7`;
    await first`COMMIT`;
    await waiting;
    await second`COMMIT`;
  } finally {
    first.release();
    second.release();
  }
  const verdict = await pipeline.expectIdentical();
  expect(verdict.tables.products).toEqual({ rows: 1, documents: 1, differences: [] });
}, 120_000);

test("TRUNCATE empties the index, in every partition, and rows written afterwards stay", async () => {
  await using pipeline = await testPipeline();
  const { sql, config } = pipeline;
  await pipeline.startSink();
  await pipeline.startSink();
  await sql`INSERT INTO clicks (session_id) SELECT 's' || n FROM generate_series(1, 3000) n`;
  await waitForCount("documents", 60_000, () => countDocuments(config, "clicks"), 3000);
  await sql`INSERT INTO clicks (session_id) SELECT 't' || n FROM generate_series(1, 500) n`;
  await sql`TRUNCATE clicks`;
  await sql`INSERT INTO clicks (session_id) SELECT 'u' || n FROM generate_series(1, 200) n`;
  const verdict = await pipeline.expectIdentical(90_000);
  expect(verdict.tables.clicks?.documents).toBe(200);
}, 150_000);

test("a column added while the sink runs reaches the documents", async () => {
  await using pipeline = await testPipeline();
  const { sql } = pipeline;
  await pipeline.startSink();
  await sql`INSERT INTO products (id) VALUES (1)`;
  await pipeline.expectIdentical();
  await Bun.sleep(10_500);
  await sql`ALTER TABLE products ADD COLUMN weight numeric`;
  await sql`INSERT INTO products (id, weight) VALUES (2, 1.250)`;
  await pipeline.expectIdentical();
}, 120_000);
