import type { Config } from "../../src/config.ts";
import {
  type ConnectorConfig,
  connectorExists,
  connectorStatus,
  connectRequest,
  differences,
} from "../../src/setup/connector.ts";
import { about, type Check, skipped } from "./check.ts";
import { measureSkew, type Skew } from "./clock.ts";
import type { ConnectorState } from "./slot.ts";

const CONNECTOR_CLASS = "io.debezium.connector.postgresql.PostgresConnector";
/** Up to 3.6 the rest of a COPY can be lost at a restart (debezium PR 7531). */
const OLDEST_DEBEZIUM = [3, 7];
/** Has connectors registered without starting them (KIP-980), and their offsets changed (KIP-875). */
const OLDEST_CONNECT = [3, 7];
const SECRET = /password|secret|token|credential|jaas|private|passphrase/i;
const ANSWER_MS = 10_000;

export type Task = { readonly id: number; readonly state: string; readonly trace?: string };

export type ConnectAnswers = {
  readonly version: string;
  readonly clusterId: string;
  /** The version of Debezium's PostgreSQL connector; null where the worker has none. */
  readonly debezium: string | null;
  /** Null where the connector does not exist. */
  readonly connector: {
    readonly state: string;
    readonly tasks: readonly Task[];
    readonly config: ConnectorConfig;
  } | null;
  /** Null where the worker does not tell the time. */
  readonly skew: Skew | null;
};

type Names = Pick<Config, "connectUrl" | "connectorName">;

export const connectChecks = ["connect-version", "debezium", "connector", "connector-configuration"] as const;

/** Asks Kafka Connect's worker. @throws UnreachableError, OperationError */
export async function askConnect(config: Config): Promise<ConnectAnswers> {
  const get = <T>(path: string, absent: readonly number[] = []) =>
    connectRequest<T>(config, "GET", path, undefined, absent);
  const root = await get<{ version: string; kafka_cluster_id: string }>("/");
  const plugins = await get<readonly { class: string; version?: string }[]>("/connector-plugins");
  const debezium = plugins?.find((plugin) => plugin.class === CONNECTOR_CLASS);
  return {
    version: root?.version ?? "",
    clusterId: root?.kafka_cluster_id ?? "",
    debezium: debezium === undefined ? null : (debezium.version ?? "unknown"),
    connector: await askConnector(config, get),
    skew: await askClock(config),
  };
}

async function askConnector(
  config: Config,
  get: <T>(path: string, absent: readonly number[]) => Promise<T | null>,
): Promise<ConnectAnswers["connector"]> {
  // Its status is no answer to whether it exists: it outlives a deleted connector for a moment.
  if (!(await connectorExists(config))) return null;
  const status = await connectorStatus(config);
  const registered = await get<ConnectorConfig>(
    `/connectors/${encodeURIComponent(config.connectorName)}/config`,
    [404],
  );
  if (status === null || registered === null) return null;
  return { state: status.connector.state, tasks: status.tasks, config: registered };
}

/** By the head of an answer, which tells whole seconds. */
async function askClock({ connectUrl }: Names): Promise<Skew | null> {
  const skew = await measureSkew(async () => {
    const answer = await fetch(connectUrl, { signal: AbortSignal.timeout(ANSWER_MS) });
    return Date.parse(answer.headers.get("date") ?? "");
  }, 1_000);
  return Number.isNaN(skew.aheadMs) ? null : skew;
}

/** What the connector's answers say of it, for the checks of its slot; pure. */
export function connectorState({ connector }: Pick<ConnectAnswers, "connector">): ConnectorState {
  if (connector === null) return "missing";
  return isRunning(connector) ? "running" : "not running";
}

function isRunning({ state, tasks }: { readonly state: string; readonly tasks: readonly Task[] }): boolean {
  return state === "RUNNING" && tasks.length > 0 && tasks.every((task) => task.state === "RUNNING");
}

/** The verdict on worker, plugin and connector; pure. */
export function judgeConnect(answers: ConnectAnswers, wanted: ConnectorConfig, names: Names): readonly Check[] {
  const { version, debezium, connector } = answers;
  const worker = about("connect-version", `Kafka Connect ${OLDEST_CONNECT.join(".")} or later`);
  const plugin = about(
    "debezium",
    `Debezium's PostgreSQL connector ${OLDEST_DEBEZIUM.join(".")} or later: an older one can lose rows of a COPY`,
  );
  return [
    isAtLeast(version, OLDEST_CONNECT)
      ? worker.ok(version)
      : worker.fail(version, `move the worker to Kafka ${OLDEST_CONNECT.join(".")} or later`),
    debezium === null
      ? plugin.fail(
          "not among the worker's plugins",
          "put debezium-connector-postgres into the worker's plugin.path; restart it",
        )
      : isAtLeast(debezium, OLDEST_DEBEZIUM)
        ? plugin.ok(debezium)
        : plugin.fail(debezium, "put a newer debezium-connector-postgres into the worker's plugin.path; restart it"),
    ...judgeConnector(connector, wanted, names),
  ];
}

function judgeConnector(
  connector: ConnectAnswers["connector"],
  wanted: ConnectorConfig,
  names: Names,
): readonly Check[] {
  const labels = { connector: names.connectorName };
  const running = about("connector", "RUNNING, with its task", labels);
  if (connector === null) {
    return [
      running.fail("does not exist", "bun run setup"),
      ...skipped(["connector-configuration"], "the connector does not exist", labels),
    ];
  }
  return [judgeRunning(connector, names), judgeConfiguration(connector.config, wanted, labels)];
}

function judgeRunning(connector: NonNullable<ConnectAnswers["connector"]>, names: Names): Check {
  const running = about("connector", "RUNNING, with its task", { connector: names.connectorName });
  const { state, tasks } = connector;
  if (isRunning(connector)) return running.ok(`RUNNING, tasks ${tasks.map((task) => task.id).join(", ")}`);
  const path = `${names.connectUrl}/connectors/${names.connectorName}`;
  if (state === "PAUSED" || state === "STOPPED") return running.fail(state, `curl -X PUT ${path}/resume`);
  const failed = tasks.find((task) => task.state === "FAILED");
  const states = [
    state,
    ...tasks.map((task) => `task ${task.id} ${task.state}`),
    ...(tasks.length === 0 ? ["no task"] : []),
  ];
  const trace = failed?.trace?.split("\n")[0]?.slice(0, 300);
  return running.fail(
    `${states.join(", ")}${trace ? `: ${trace}` : ""}`,
    `curl -X POST '${path}/restart?includeTasks=true&onlyFailed=true'`,
  );
}

function judgeConfiguration(
  current: ConnectorConfig,
  wanted: ConnectorConfig,
  labels: { readonly connector: string },
): Check {
  const same = about("connector-configuration", "as debezium/connector.json with the present settings", labels);
  const keys = differences(wanted, current);
  if (keys.length === 0) return same.ok(`${Object.keys(wanted).length} keys`);
  return same.fail(keys.map((key) => differenceText(key, wanted[key], current[key])).join("; "), "bun run setup");
}

/** Values of keys that are not ours, or that name a secret, are never shown; pure. */
function differenceText(key: string, wanted: string | undefined, current: string | undefined): string {
  if (current === undefined) return `${key} is missing`;
  if (wanted === undefined) return `${key} is extra`;
  if (SECRET.test(key)) return `${key} differs (not shown)`;
  return `${key} is ${JSON.stringify(current)}, expected ${JSON.stringify(wanted)}`;
}

function isAtLeast(version: string, oldest: readonly number[]): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const [oldestMajor = 0, oldestMinor = 0] = oldest;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
