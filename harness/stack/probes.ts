import { Kafka, logLevel } from "kafkajs";
import postgres from "postgres";
import type { Config } from "../../src/config.ts";
import { expectOk } from "./http.ts";
import { expectListening } from "./ports/ports.ts";
import { readiness } from "./ready.ts";
import type { Endpoints, ServerName, ServerStatus } from "./stack.ts";

/** How long a healthy server may take to answer. */
const connectTimeoutSeconds = 2;

type PostgresAddress = Pick<
  Config,
  "postgresHost" | "postgresPort" | "postgresSslMode" | "postgresAdminUser" | "postgresAdminPassword"
>;

/** Runs a query as the administrator. @throws unless PostgreSQL answers it */
export async function probePostgres(config: PostgresAddress): Promise<void> {
  await expectListening(config.postgresPort, config.postgresHost);
  const sql = postgres({
    host: config.postgresHost,
    port: config.postgresPort,
    user: config.postgresAdminUser,
    password: config.postgresAdminPassword,
    ssl: config.postgresSslMode === "disable" ? false : config.postgresSslMode,
    database: "postgres",
    max: 1,
    connect_timeout: connectTimeoutSeconds,
    onnotice: () => {},
    fetch_types: false,
  });
  try {
    await sql`SELECT 1`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Asks for the cluster's metadata: a broker in it has registered with its controller. */
export async function probeKafka(brokers: string): Promise<void> {
  const addresses = brokers.split(",").map((broker) => broker.trim());
  const reached = await Promise.allSettled(
    addresses.map((address) => {
      const [host, port] = address.split(/:(?=\d+$)/);
      return expectListening(Number(port), host);
    }),
  );
  const refusals = reached.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (refusals.length === reached.length) throw refusals[0];
  const kafka = new Kafka({
    clientId: "tidemark-stack",
    brokers: addresses,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    if (cluster.brokers.length === 0) throw new Error("no broker has joined the cluster yet");
  } finally {
    await admin.disconnect();
  }
}

/** Lists connectors, which a worker answers once it has joined its group. */
export function probeConnect(url: string): Promise<void> {
  return expectOk(`${url}/connectors`);
}

/** Asks for a cluster in which every primary shard is there. */
export function probeElasticsearch(url: string, login?: { user: string; password: string }): Promise<void> {
  const headers: Record<string, string> = login
    ? { authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}` }
    : {};
  return expectOk(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`, headers);
}

/** A server's address, as people write it. */
export function addressOf(name: ServerName, endpoints: Endpoints): string {
  const { postgresHost, postgresPort, kafkaBrokers, connectUrl, elasticsearchUrl } = endpoints;
  const postgresAddress = `${postgresHost}:${postgresPort}`;
  return { postgres: postgresAddress, kafka: kafkaBrokers, connect: connectUrl, elasticsearch: elasticsearchUrl }[name];
}

/** Asks a server for a sign of life at the address that the settings name. @throws why it is not ready */
export function probeServer(name: ServerName, config: Config): Promise<void> {
  const { elasticsearchUser: user, elasticsearchPassword: password } = config;
  switch (name) {
    case "postgres":
      return probePostgres(config);
    case "kafka":
      return probeKafka(config.kafkaBrokers);
    case "connect":
      return probeConnect(config.connectUrl);
    case "elasticsearch":
      return probeElasticsearch(config.elasticsearchUrl, user === "" ? undefined : { user, password });
  }
}

/** The status of a server of which no more is known than that it should answer. */
export async function statusAt(name: ServerName, config: Config): Promise<ServerStatus> {
  return { name, address: addressOf(name, config), ...(await readiness(() => probeServer(name, config))) };
}
