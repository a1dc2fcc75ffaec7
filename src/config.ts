import { readFileSync } from "node:fs";
import { UsageError } from "./errors.ts";
import { choice, identifier, integer, type Setting, secret, text, url } from "./settings.ts";

/** Every setting of Tidemark, declared once. `.env.example` is held against this list by a test. */
export const settings = {
  postgresHost: text({ env: "POSTGRES_HOST", default: "127.0.0.1", help: "PostgreSQL's host" }),
  postgresPort: integer({ env: "POSTGRES_PORT", default: 5432, min: 1, max: 65535, help: "PostgreSQL's port" }),
  postgresDatabase: identifier({
    env: "POSTGRES_DATABASE",
    default: "tidemark",
    pattern: /^[a-z_][a-z0-9_]{0,62}$/,
    help: "the database that holds the streamed tables",
  }),
  postgresSslMode: choice({
    env: "POSTGRES_SSL_MODE",
    default: "disable",
    options: ["disable", "prefer", "require", "verify-full"],
    help: "encryption of connections to PostgreSQL, as in libpq",
  }),
  postgresAdminUser: text({
    env: "POSTGRES_ADMIN_USER",
    default: "postgres",
    help: "the role that runs migrations (may create databases and roles)",
  }),
  postgresAdminPassword: secret({
    env: "POSTGRES_ADMIN_PASSWORD",
    default: "tidemark-local",
    help: "its password",
  }),
  postgresWriterPassword: secret({
    env: "POSTGRES_WRITER_PASSWORD",
    default: "tidemark-local",
    help: "password of tidemark_writer, which replay and load use",
  }),
  postgresReplicationPassword: secret({
    env: "POSTGRES_REPLICATION_PASSWORD",
    default: "tidemark-local",
    help: "password of tidemark_replication, which Debezium uses; Kafka Connect's worker needs it in its environment",
  }),
  postgresWatchdogPassword: secret({
    env: "POSTGRES_WATCHDOG_PASSWORD",
    default: "tidemark-local",
    help: "password of tidemark_watchdog, which the watchdog and the sink's look at the catalog use",
  }),
  kafkaBrokers: text({
    env: "KAFKA_BROKERS",
    default: "127.0.0.1:9092",
    help: "Kafka's bootstrap brokers, host:port, separated by commas",
  }),
  topicPrefix: identifier({
    env: "TOPIC_PREFIX",
    default: "streaming",
    pattern: /^[a-zA-Z0-9_-]{1,60}$/,
    help: "topics are named PREFIX.public.TABLE",
  }),
  topicPartitions: integer({
    env: "TOPIC_PARTITIONS",
    default: 3,
    min: 1,
    max: 1000,
    help: "partitions of a table's topic when it is created; at most as many sinks share a table",
  }),
  topicReplication: integer({
    env: "TOPIC_REPLICATION",
    default: 1,
    min: 1,
    max: 15,
    help: "replication factor of topics when they are created",
  }),
  connectUrl: url({ env: "CONNECT_URL", default: "http://127.0.0.1:8083", help: "Kafka Connect's REST address" }),
  connectPostgresHost: text({
    env: "CONNECT_POSTGRES_HOST",
    default: "",
    help: "PostgreSQL's host as Kafka Connect reaches it, which may be in another network; empty: POSTGRES_HOST",
  }),
  connectPostgresPort: integer({
    env: "CONNECT_POSTGRES_PORT",
    default: 0,
    min: 0,
    max: 65535,
    help: "PostgreSQL's port as Kafka Connect reaches it; 0: POSTGRES_PORT",
  }),
  connectorName: identifier({
    env: "CONNECTOR_NAME",
    default: "tidemark",
    pattern: /^[a-zA-Z0-9_.-]{1,100}$/,
    help: "the Debezium connector's name",
  }),
  slotName: identifier({
    env: "SLOT_NAME",
    default: "tidemark",
    pattern: /^[a-z0-9_]{1,63}$/,
    help: "the replication slot that Debezium reads",
  }),
  elasticsearchUrl: url({
    env: "ELASTICSEARCH_URL",
    default: "http://127.0.0.1:9200",
    help: "Elasticsearch's address",
  }),
  elasticsearchUser: text({
    env: "ELASTICSEARCH_USER",
    default: "",
    help: "user for Elasticsearch; empty where it asks for none",
  }),
  elasticsearchPassword: secret({ env: "ELASTICSEARCH_PASSWORD", default: "", help: "its password" }),
  indexPrefix: identifier({
    env: "INDEX_PREFIX",
    default: "",
    pattern: /^([a-z0-9][a-z0-9_.-]{0,60})?$/,
    help: "put before the name of every index, alias and template",
  }),
  indexReplicas: integer({
    env: "INDEX_REPLICAS",
    default: 0,
    min: 0,
    max: 20,
    help: "replicas of an index when it is created",
  }),
  consumerGroup: identifier({
    env: "CONSUMER_GROUP",
    default: "tidemark-sink",
    pattern: /^[a-zA-Z0-9_.-]{1,200}$/,
    help: "the sink's Kafka consumer group; all sinks of one group share the partitions",
  }),
  sinkHost: text({ env: "SINK_HOST", default: "127.0.0.1", help: "where the sink serves health and metrics" }),
  sinkPort: integer({
    env: "SINK_PORT",
    default: 9401,
    min: 0,
    max: 65535,
    help: "port of the sink's /healthz, /readyz and /metrics; 0 takes a free one",
  }),
  sinkBulkActions: integer({
    env: "SINK_BULK_ACTIONS",
    default: 2000,
    min: 1,
    max: 100_000,
    help: "operations in one bulk request at most",
  }),
  sinkBulkBytes: integer({
    env: "SINK_BULK_BYTES",
    default: 4_194_304,
    min: 1024,
    max: 100_000_000,
    help: "bytes in one bulk request at most (a larger single document goes alone)",
  }),
  sinkBulkTimeoutMs: integer({
    env: "SINK_BULK_TIMEOUT_MS",
    default: 30_000,
    min: 100,
    max: 600_000,
    help: "after this long without an answer a bulk request is repeated",
  }),
  sinkFetchWaitMs: integer({
    env: "SINK_FETCH_WAIT_MS",
    default: 100,
    min: 1,
    max: 10_000,
    help: "how long Kafka may hold a fetch that has nothing to return",
  }),
  watchdogRecentCron: text({
    env: "WATCHDOG_RECENT_CRON",
    default: "*/30 * * * * *",
    help: "when the watchdog compares the recent window and every touched bucket (seconds first)",
  }),
  watchdogScrubCron: text({
    env: "WATCHDOG_SCRUB_CRON",
    default: "*/5 * * * * *",
    help: "when the scrub takes its next piece",
  }),
  watchdogHealthCron: text({
    env: "WATCHDOG_HEALTH_CRON",
    default: "*/15 * * * * *",
    help: "when the watchdog looks at every stage, and mends what it may",
  }),
  watchdogBucketSeconds: integer({
    env: "WATCHDOG_BUCKET_SECONDS",
    default: 60,
    min: 1,
    max: 86_400,
    help: "event time that one bucket covers",
  }),
  watchdogRecentSeconds: integer({
    env: "WATCHDOG_RECENT_SECONDS",
    default: 900,
    min: 1,
    max: 604_800,
    help: "event time that the recent window covers at least; it reaches back to the last time it was clean",
  }),
  watchdogScrubRate: integer({
    env: "WATCHDOG_SCRUB_RATE",
    default: 5_000,
    min: 1,
    max: 10_000_000,
    help: "rows per second that the scrub compares, of all tables together",
  }),
  watchdogFenceSeconds: integer({
    env: "WATCHDOG_FENCE_SECONDS",
    default: 60,
    min: 1,
    max: 3_600,
    help: "how long a fence may take; a stage that is slower is a finding",
  }),
  watchdogMaxWalMegabytes: integer({
    env: "WATCHDOG_MAX_WAL_MEGABYTES",
    default: 1_024,
    min: 1,
    max: 10_000_000,
    help: "WAL that the slot may keep back before that is a finding",
  }),
  watchdogLatencySeconds: integer({
    env: "WATCHDOG_LATENCY_SECONDS",
    default: 15,
    min: 1,
    max: 3_600,
    help: "how long a committed change may take until it can be searched, before that is a finding",
  }),
  watchdogLagMessages: integer({
    env: "WATCHDOG_LAG_MESSAGES",
    default: 1_000,
    min: 1,
    max: 1_000_000_000,
    help: "messages that the sink may be behind while it does not catch up",
  }),
  watchdogQuietMinutes: integer({
    env: "WATCHDOG_QUIET_MINUTES",
    default: 15,
    min: 0,
    max: 100_000,
    help: "a table whose source is live and that gets no row for so long, and for three times its longest pause of the last day, is a warning; 0: never",
  }),
  watchdogHost: text({
    env: "WATCHDOG_HOST",
    default: "127.0.0.1",
    help: "where the watchdog serves the status page; beyond this machine only with WATCHDOG_TOKEN",
  }),
  watchdogPort: integer({
    env: "WATCHDOG_PORT",
    default: 9402,
    min: 0,
    max: 65535,
    help: "port of the status page and its API; 0 takes a free one",
  }),
  watchdogToken: secret({
    env: "WATCHDOG_TOKEN",
    default: "",
    help: "what signs in to the page, for changes and, beyond this machine, for everything; empty: one is made and kept in a file",
  }),
  watchdogUrl: text({
    env: "WATCHDOG_URL",
    default: "",
    help: "the status page's address as people reach it, for links in messages; empty: where it is served",
  }),
  healMode: choice({
    env: "HEAL_MODE",
    default: "heal",
    options: ["report", "plan", "heal"],
    help: "what the watchdog does about divergences: tell, say what it would do, or heal",
  }),
  healVia: choice({
    env: "HEAL_VIA",
    default: "kafka",
    options: ["kafka", "elasticsearch"],
    help: "re-emit rows through Kafka, for every consumer, or write to Elasticsearch directly",
  }),
  healRowsPerSecond: integer({
    env: "HEAL_ROWS_PER_SECOND",
    default: 2_000,
    min: 1,
    max: 1_000_000,
    help: "rows that a heal re-emits in a second at most",
  }),
  healMaxRows: integer({
    env: "HEAL_MAX_ROWS",
    default: 20_000,
    min: 1,
    max: 100_000_000,
    help: "divergent rows of a table beyond which the watchdog waits for bun run watchdog heal --confirm",
  }),
  healMaxPercent: integer({
    env: "HEAL_MAX_PERCENT",
    default: 25,
    min: 1,
    max: 100,
    help: "the same as a share of the table, where more than 1,000 rows differ",
  }),
  healAttempts: integer({
    env: "HEAL_ATTEMPTS",
    default: 3,
    min: 1,
    max: 100,
    help: "heals after which a row that still differs is quarantined",
  }),
  healBarrierSeconds: integer({
    env: "HEAL_BARRIER_SECONDS",
    default: 30,
    min: 1,
    max: 3_600,
    help: "how long a heal waits for older transactions; then it is put off, and says which",
  }),
  alertEmailTo: text({
    env: "ALERT_EMAIL_TO",
    default: "",
    help: "who is mailed alerts, separated by commas; empty: nobody",
  }),
  alertEmailFrom: text({ env: "ALERT_EMAIL_FROM", default: "tidemark@localhost", help: "the sender of alerts" }),
  smtpHost: text({ env: "SMTP_HOST", default: "127.0.0.1", help: "the mail server" }),
  smtpPort: integer({ env: "SMTP_PORT", default: 587, min: 1, max: 65535, help: "its port" }),
  smtpTls: choice({
    env: "SMTP_TLS",
    default: "starttls",
    options: ["starttls", "implicit", "off"],
    help: "encryption of mail: demanded by STARTTLS, from the first byte, or none",
  }),
  smtpUser: text({ env: "SMTP_USER", default: "", help: "user for the mail server; empty where it asks for none" }),
  smtpPassword: secret({ env: "SMTP_PASSWORD", default: "", help: "its password" }),
  alertWebhookUrl: secret({
    env: "ALERT_WEBHOOK_URL",
    default: "",
    help: "the address that alerts are posted to; empty: none",
  }),
  alertWebhookFormat: choice({
    env: "ALERT_WEBHOOK_FORMAT",
    default: "tidemark",
    options: ["tidemark", "alertmanager", "slack"],
    help: "the body of a webhook's message",
  }),
  alertWebhookSecrets: secret({
    env: "ALERT_WEBHOOK_SECRETS",
    default: "",
    help: "whsec_... that sign a webhook's messages (Standard Webhooks); several, separated by commas, while one is rotated",
  }),
  alertEmailRoute: text({
    env: "ALERT_EMAIL_ROUTE",
    default: "",
    help: "which faults are mailed: matchers such as severity=critical or kind=~slot-.*, separated by commas; empty: all",
  }),
  alertWebhookRoute: text({
    env: "ALERT_WEBHOOK_ROUTE",
    default: "",
    help: "which faults are posted to the webhook, in the same way",
  }),
  alertGroupSeconds: integer({
    env: "ALERT_GROUP_SECONDS",
    default: 30,
    min: 0,
    max: 3_600,
    help: "how long a message waits, from the first sight of a fault, for others to join it",
  }),
  alertRepeatMinutes: integer({
    env: "ALERT_REPEAT_MINUTES",
    default: 240,
    min: 1,
    max: 100_000,
    help: "how often it is said that a fault still lasts",
  }),
  alertChannelMinutes: integer({
    env: "ALERT_CHANNEL_MINUTES",
    default: 5,
    min: 0,
    max: 100_000,
    help: "a channel that has failed for so long is told on the others",
  }),
  deadManUrl: secret({
    env: "DEAD_MAN_URL",
    default: "",
    help: "an address called after each comparison that went through, so that an outside service notices a dead watchdog",
  }),
  alertWebhookPrivate: choice({
    env: "ALERT_WEBHOOK_PRIVATE",
    default: "refuse",
    options: ["refuse", "allow"],
    help: "whether a webhook may be at an address that is not public",
  }),
  logFormat: choice({
    env: "LOG_FORMAT",
    default: "text",
    options: ["text", "json"],
    help: "log lines for people, or one JSON object a line",
  }),
  logLevel: choice({
    env: "LOG_LEVEL",
    default: "info",
    options: ["debug", "info", "warn", "error"],
    help: "the least severe log lines to print",
  }),
  stackProvider: choice({
    env: "STACK_PROVIDER",
    default: "auto",
    options: ["auto", "native", "containers", "external"],
    help: "who runs the servers: Tidemark itself, as processes or as containers, or somebody else (the addresses above); auto: containers where there is Docker and no JDK of 21 or later, else native",
  }),
  testStack: choice({
    env: "TIDEMARK_STACK",
    default: "auto",
    options: ["auto", "native", "containers", "external"],
    help: "whose servers bun test runs on; auto: as for STACK_PROVIDER",
  }),
  stackDir: text({
    env: "STACK_DIR",
    default: "",
    help: "where the native stack keeps its data; empty: a folder of its own for each checkout",
  }),
  cacheDir: text({
    env: "CACHE_DIR",
    default: "",
    help: "where servers are installed and the page is bundled; empty: the user's cache folder",
  }),
  postgresImage: text({ env: "POSTGRES_IMAGE", default: "postgres:18.4", help: "the container image of PostgreSQL" }),
  kafkaImage: text({ env: "KAFKA_IMAGE", default: "apache/kafka:4.3.1", help: "the container image of Kafka" }),
  connectImage: text({
    env: "CONNECT_IMAGE",
    default: "quay.io/debezium/connect:3.7.0.Final",
    help: "the container image of Kafka Connect with Debezium",
  }),
  elasticsearchImage: text({
    env: "ELASTICSEARCH_IMAGE",
    default: "docker.elastic.co/elasticsearch/elasticsearch:9.5.3",
    help: "the container image of Elasticsearch",
  }),
  kibanaImage: text({
    env: "KIBANA_IMAGE",
    default: "docker.elastic.co/kibana/kibana:9.5.3",
    help: "the container image of Kibana",
  }),
  pgadminImage: text({
    env: "PGADMIN_IMAGE",
    default: "dpage/pgadmin4:9.18.0",
    help: "the container image of pgAdmin",
  }),
  mailpitImage: text({
    env: "MAILPIT_IMAGE",
    default: "axllent/mailpit:v1.31.4",
    help: "the container image of the mail inbox",
  }),
  tidemarkImage: text({
    env: "TIDEMARK_IMAGE",
    default: "tidemark:local",
    help: "the container image of Tidemark's own programs, built by compose",
  }),
  kafkaPort: integer({
    env: "KAFKA_PORT",
    default: 9092,
    min: 1,
    max: 65535,
    help: "where the compose file publishes Kafka on 127.0.0.1",
  }),
  connectPort: integer({
    env: "CONNECT_PORT",
    default: 8083,
    min: 1,
    max: 65535,
    help: "where the compose file publishes Kafka Connect on 127.0.0.1",
  }),
  elasticsearchPort: integer({
    env: "ELASTICSEARCH_PORT",
    default: 9200,
    min: 1,
    max: 65535,
    help: "where the compose file publishes Elasticsearch on 127.0.0.1",
  }),
  kibanaPort: integer({
    env: "KIBANA_PORT",
    default: 5601,
    min: 1,
    max: 65535,
    help: "where the compose file publishes Kibana on 127.0.0.1",
  }),
  pgadminPort: integer({
    env: "PGADMIN_PORT",
    default: 5050,
    min: 1,
    max: 65535,
    help: "where the compose file publishes pgAdmin on 127.0.0.1; pgAdmin beside the native stack has it too",
  }),
  mailpitPort: integer({
    env: "MAILPIT_PORT",
    default: 8025,
    min: 1,
    max: 65535,
    help: "where the compose file publishes the mail inbox on 127.0.0.1",
  }),
} satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
type Value<S> = S extends Setting<infer V> ? V : never;
export type Config = { readonly [Name in SettingName]: Value<(typeof settings)[Name]> } & {
  /** The settings that were given by flag or environment rather than left at their default. */
  readonly explicit: ReadonlySet<SettingName>;
};

/** The flag of a setting: POSTGRES_HOST is --postgres-host. */
export function flagOf(setting: { env: string }): string {
  return setting.env.toLowerCase().replaceAll("_", "-");
}

/**
 * Resolves every setting: flags over environment (Bun has read `.env` into it, below what was set) over defaults.
 * A secret may stand in a file that NAME_FILE names.
 * @throws UsageError with all mistakes at once, by name; a secret's value is never in it
 */
export function resolveConfig(
  flags: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const mistakes: string[] = [];
  const values: Record<string, unknown> = {};
  const explicit = new Set<SettingName>();
  for (const name of Object.keys(settings) as SettingName[]) {
    const setting: Setting = settings[name];
    const flag = flags[flagOf(setting)];
    const source = flag === undefined ? setting.env : `--${flagOf(setting)}`;
    try {
      const given = flag ?? readEnvironment(setting, env);
      values[name] = given === undefined ? setting.default : setting.parse(given);
      if (given !== undefined) explicit.add(name);
    } catch (error) {
      const shown = setting.secret ? "" : `: got ${JSON.stringify(flag ?? env[setting.env])}`;
      mistakes.push(`${source}: ${(error as Error).message}${shown}`);
    }
  }
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return { ...values, explicit } as unknown as Config;
}

/** An empty variable counts as not set, as in compose files (`NAME=`). */
function readEnvironment(setting: Setting, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const value = env[setting.env] || undefined;
  const file = setting.secret ? env[`${setting.env}_FILE`] || undefined : undefined;
  if (file === undefined) return value;
  if (value !== undefined) throw new Error(`is set, and so is ${setting.env}_FILE: keep one of them`);
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new Error(
      `${setting.env}_FILE names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

/** Environment variables that hand this configuration to a child process; secrets included. */
export function toEnvironment(config: Config): Record<string, string> {
  return Object.fromEntries(
    (Object.keys(settings) as SettingName[]).map((name) => [settings[name].env, String(config[name])]),
  );
}
