import { expect, test } from "bun:test";
import { resolveConfig } from "../config.ts";
import { tables } from "../tables.ts";
import { connectorConfig } from "./connector.ts";

function addressFor(env: Record<string, string>) {
  const connector = connectorConfig(resolveConfig({}, env), tables);
  return [connector["database.hostname"], connector["database.port"]];
}

test("the connector is told PostgreSQL's address as Kafka Connect reaches it, and else ours", () => {
  const ours = { POSTGRES_HOST: "127.0.0.1", POSTGRES_PORT: "15432" };
  expect(addressFor(ours)).toEqual(["127.0.0.1", "15432"]);
  const theirs = { CONNECT_POSTGRES_HOST: "postgres", CONNECT_POSTGRES_PORT: "5432" };
  expect(addressFor({ ...ours, ...theirs })).toEqual(["postgres", "5432"]);
});

test("no secret is in the connector's configuration: Kafka Connect fills the password in itself", () => {
  const config = resolveConfig({}, { POSTGRES_REPLICATION_PASSWORD: "hunter2" });
  expect(JSON.stringify(connectorConfig(config, tables))).not.toContain("hunter2");
});
