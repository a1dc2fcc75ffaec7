import { beforeAll, expect, test } from "bun:test";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { connectPostgres } from "../../src/postgres.ts";
import { createDatabase } from "../pipeline.ts";
import { STACK_TIMEOUT_MS, testEndpoints, testStack } from "./fixture.ts";

beforeAll(async () => {
  await testStack();
}, STACK_TIMEOUT_MS);

/** Stands between a client and a server, and resets every connection when told to, as a network that breaks does. */
async function openResettingProxy(port: number) {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    clients.add(client);
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.on("close", () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    reset() {
      for (const client of clients) client.resetAndDestroy();
      clients.clear();
    },
    close: () => server.close(),
  };
}

// Without infra/patches/postgres the process would end here: postgres issue 1208.
test("connections that are reset fail what runs on them, and no more: the next query goes through", async () => {
  await using database = await createDatabase(await testEndpoints());
  const proxy = await openResettingProxy(database.config.postgresPort);
  const sql = connectPostgres({ ...database.config, postgresPort: proxy.port }, "watchdog", { connections: 4 });
  const work: Record<string, () => Promise<unknown>> = {
    "a query": () => sql`SELECT pg_sleep(5)`,
    "more queries than there are connections": () =>
      Promise.all(Array.from({ length: 8 }, () => sql`SELECT pg_sleep(0.4)`)),
    "a transaction that was about to go on": () =>
      sql.begin(async (transaction) => {
        await transaction`SELECT 1`;
        await Bun.sleep(600);
        await transaction`SELECT 1`;
      }),
  };
  try {
    for (const [what, run] of Object.entries(work)) {
      await sql`SELECT 1`;
      const outcome = run().then(
        () => "done",
        () => "failed",
      );
      await Bun.sleep(300);
      proxy.reset();
      expect([what, await outcome]).toEqual([what, "failed"]);
      await Bun.sleep(500);
      expect([...(await sql`SELECT 1 AS one`)]).toEqual([{ one: 1 }]);
    }
  } finally {
    await sql.end({ timeout: 1 });
    proxy.close();
  }
}, 60_000);
