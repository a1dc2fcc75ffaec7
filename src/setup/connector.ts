import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Config, settings } from "../config.ts";
import { OperationError, UnreachableError } from "../errors.ts";
import type { Log } from "../log.ts";
import { sleep } from "../sleep.ts";
import type { Table } from "../tables.ts";

const file = join(import.meta.dir, "../../debezium/connector.json");
const REQUEST_TIMEOUT_MS = 15_000;
const POLL_MS = 200;

export type ConnectorConfig = Readonly<Record<string, string>>;

/**
 * The connector's configuration: `debezium/connector.json` with its `${NAME}` placeholders filled from the settings of
 * those names. `${env:NAME}` stays: Kafka Connect's worker fills it, so that no secret passes through here.
 * @throws OperationError that names a placeholder without a setting, or one of a secret
 */
export function connectorConfig(config: Config, tables: readonly Table[]): ConnectorConfig {
  const declared = JSON.parse(readFileSync(file, "utf8")) as ConnectorConfig;
  const values = new Map<string, string>([["TABLES", tables.map((table) => `public.${table.name}`).join(",")]]);
  for (const [name, setting] of Object.entries(settings)) {
    if (!setting.secret) values.set(setting.env, String(config[name as keyof typeof settings]));
  }
  values.set(settings.connectPostgresHost.env, config.connectPostgresHost || config.postgresHost);
  values.set(settings.connectPostgresPort.env, String(config.connectPostgresPort || config.postgresPort));
  return Object.fromEntries(
    Object.entries(declared).map(([key, template]) => [
      key,
      template.replace(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
        const value = values.get(name);
        if (value === undefined) throw new OperationError(`debezium/connector.json: \${${name}} is no setting`);
        return value;
      }),
    ]),
  );
}

/**
 * Registers the connector, or updates it where its configuration differs; nothing happens otherwise.
 * @throws UnreachableError, OperationError with Kafka Connect's own words
 */
export async function registerConnector(config: Config, tables: readonly Table[], log: Log): Promise<void> {
  const wanted = connectorConfig(config, tables);
  const path = `${pathOf(config)}/config`;
  const current = await connectRequest<ConnectorConfig>(config, "GET", path, undefined, [404]);
  if (current !== null && differences(wanted, current).length === 0) {
    log.info(`connector ${config.connectorName}: unchanged`);
    return;
  }
  await connectRequest(config, "PUT", path, wanted);
  log.info(`connector ${config.connectorName}: ${current === null ? "registered" : "updated"}`);
}

/** The keys in which a connector's configuration differs from the wanted one; pure. */
export function differences(wanted: ConnectorConfig, current: ConnectorConfig): readonly string[] {
  const keys = new Set([...Object.keys(wanted), ...Object.keys(current)]);
  keys.delete("name");
  return [...keys].filter((key) => wanted[key] !== current[key]);
}

type ConnectorStatus = {
  readonly connector: { readonly state: string };
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly trace?: string }[];
};

/** Whether the connector is registered. Its status is no answer to that: it outlives a deleted connector for a moment. */
export async function connectorExists(config: Config): Promise<boolean> {
  return (await connectRequest(config, "GET", pathOf(config), undefined, [404])) !== null;
}

/** The connector's state as Kafka Connect tells it; null where it does not exist. */
export function connectorStatus(config: Config): Promise<ConnectorStatus | null> {
  return connectRequest(config, "GET", `${pathOf(config)}/status`, undefined, [404]);
}

/**
 * Waits until the connector and its task run.
 * @throws OperationError with the first line of a failed task's trace, or what it last saw at the deadline
 */
export async function waitForConnector(config: Config, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let seen = "nothing";
  while (Date.now() < deadline && !signal?.aborted) {
    const status = await connectorStatus(config);
    const tasks = status?.tasks ?? [];
    seen = status === null ? "no connector" : [status.connector.state, ...tasks.map((task) => task.state)].join(", ");
    const failed = tasks.find((task) => task.state === "FAILED");
    if (failed) {
      throw new OperationError(
        `connector ${config.connectorName} failed: ${failed.trace?.split("\n")[0] ?? "no trace"}`,
      );
    }
    if (tasks.length > 0 && tasks.every((task) => task.state === "RUNNING")) return;
    await sleep(POLL_MS, signal);
  }
  throw new OperationError(`connector ${config.connectorName} did not run within ${timeoutMs / 1000} s: ${seen}`);
}

/** Stops and deletes the connector and its offsets; nothing happens where it does not exist. */
export async function removeConnector(config: Config): Promise<void> {
  const path = pathOf(config);
  await stopConnector(config);
  await connectRequest(config, "DELETE", `${path}/offsets`, undefined, [404]);
  await connectRequest(config, "DELETE", path, undefined, [404]);
}

/**
 * Stops the connector, and waits up to 10 s until its task is gone: only then may its offsets change. Nothing happens
 * where it does not exist.
 */
export async function stopConnector(config: Config): Promise<void> {
  await connectRequest(config, "PUT", `${pathOf(config)}/stop`, undefined, [404]);
  for (let attempt = 0; attempt < 50; attempt++) {
    const status = await connectorStatus(config);
    if (status === null || (status.connector.state === "STOPPED" && status.tasks.length === 0)) return;
    await sleep(POLL_MS);
  }
}

export async function resumeConnector(config: Config): Promise<void> {
  await connectRequest(config, "PUT", `${pathOf(config)}/resume`);
}

/** Registers the connector without starting it (KIP-980); nothing happens where it exists. */
export async function registerStopped(config: Config, tables: readonly Table[]): Promise<void> {
  const body = { name: config.connectorName, config: connectorConfig(config, tables), initial_state: "STOPPED" };
  if (!(await connectorExists(config))) await connectRequest(config, "POST", "/connectors", body);
}

/** A position that Kafka Connect has stored for the connector: Debezium's, by the topics' prefix. */
export type ConnectorOffset = {
  readonly partition: { readonly server: string };
  readonly offset: { readonly lsn?: number; readonly lsn_commit?: number; readonly lsn_proc?: number } | null;
};

/** The stored positions; none where the connector does not exist or has not started. */
export async function readOffsets(config: Config): Promise<readonly ConnectorOffset[]> {
  const answer = await connectRequest<{ offsets: readonly ConnectorOffset[] }>(
    config,
    "GET",
    `${pathOf(config)}/offsets`,
    undefined,
    [404],
  );
  return answer?.offsets ?? [];
}

/** Has the stopped connector go on from an LSN. With a position Debezium makes no snapshot (snapshot.mode initial). */
export async function patchOffset(config: Config, lsn: number): Promise<void> {
  const position = {
    lsn,
    lsn_commit: lsn,
    lsn_proc: lsn,
    ts_usec: Date.now() * 1000,
    txId: null,
    messageType: "COMMIT",
  };
  const offsets = [{ partition: { server: config.topicPrefix }, offset: position }];
  await connectRequest(config, "PATCH", `${pathOf(config)}/offsets`, { offsets });
}

function pathOf(config: Config): string {
  return `/connectors/${encodeURIComponent(config.connectorName)}`;
}

/**
 * One request to Kafka Connect's REST interface; 409 (a rebalance is under way) is repeated for 30 s.
 * @returns the answer's JSON, or null for an empty answer and for a status in `absent`
 */
export async function connectRequest<T>(
  config: Pick<Config, "connectUrl">,
  method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  absent: readonly number[] = [],
): Promise<T | null> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const response = await fetch(config.connectUrl + path, {
      method,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    }).catch((error) => {
      throw new UnreachableError(
        `Kafka Connect at ${config.connectUrl} did not answer; is it up (bun run stack status)?`,
        {
          cause: error,
        },
      );
    });
    const text = await response.text();
    if (response.ok) return text === "" ? null : (JSON.parse(text) as T);
    if (absent.includes(response.status)) return null;
    if (response.status !== 409 || Date.now() > deadline) {
      throw new OperationError(`Kafka Connect answered ${response.status} to ${method} ${path}: ${text.slice(0, 500)}`);
    }
    await sleep(POLL_MS);
  }
}
