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
  const path = `/connectors/${encodeURIComponent(config.connectorName)}/config`;
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

/** The connector's state as Kafka Connect tells it; null where it does not exist. */
export function connectorStatus(config: Config): Promise<ConnectorStatus | null> {
  return connectRequest(
    config,
    "GET",
    `/connectors/${encodeURIComponent(config.connectorName)}/status`,
    undefined,
    [404],
  );
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
  const path = `/connectors/${encodeURIComponent(config.connectorName)}`;
  await connectRequest(config, "PUT", `${path}/stop`, undefined, [404]);
  for (let attempt = 0; attempt < 50; attempt++) {
    const status = await connectorStatus(config);
    if (status === null || (status.connector.state === "STOPPED" && status.tasks.length === 0)) break;
    await sleep(POLL_MS);
  }
  await connectRequest(config, "DELETE", `${path}/offsets`, undefined, [404]);
  await connectRequest(config, "DELETE", path, undefined, [404]);
}

/**
 * One request to Kafka Connect's REST interface; 409 (a rebalance is under way) is repeated for 30 s.
 * @returns the answer's JSON, or null for an empty answer and for a status in `absent`
 */
export async function connectRequest<T>(
  config: Pick<Config, "connectUrl">,
  method: "GET" | "PUT" | "POST" | "DELETE",
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
