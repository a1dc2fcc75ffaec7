import type { Config } from "../../src/config.ts";
import { messageOf } from "../../src/errors.ts";
import { connectorExists, connectorStatus, readOffsets } from "../../src/setup/connector.ts";
import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";

export type Connector = {
  readonly state: string;
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly error: string | null }[];
  /** The LSN that Connect has stored as Debezium's position; null where it has none. */
  readonly offsetLsn: number | null;
};

export type Unreachable = { readonly unreachable: string };

export const connectorKinds = ["connector-missing", "connector-stopped", "connector-failed"] as const;

/** The connector; null where it does not exist. */
export async function readConnector({ config }: Pick<Context, "config">): Promise<Connector | null | Unreachable> {
  try {
    const status = (await connectorExists(config)) ? await connectorStatus(config) : null;
    if (status === null) return null;
    const tasks = status.tasks.map(({ id, state, trace }) => ({ id, state, error: trace?.split("\n")[0] ?? null }));
    const [offset] = await readOffsets(config);
    const { lsn = 0, lsn_commit = 0, lsn_proc = 0 } = offset?.offset ?? {};
    const offsetLsn = Math.max(lsn, lsn_commit, lsn_proc);
    return { state: status.connector.state, tasks, offsetLsn: offsetLsn > 0 ? offsetLsn : null };
  } catch (error) {
    return { unreachable: messageOf(error) };
  }
}

export function isUnreachable(connector: Connector | null | Unreachable): connector is Unreachable {
  return connector !== null && "unreachable" in connector;
}

/** What is wrong with Kafka Connect and its connector; pure. */
export function connectorFindings(
  connector: Connector | null | Unreachable,
  { connectorName, connectUrl }: Pick<Config, "connectorName" | "connectUrl">,
): readonly Finding[] {
  const labels = { connector: connectorName };
  const base = { severity: "critical", labels, facts: {} } as const;
  if (connector === null) {
    const summary = `connector ${connectorName} does not exist`;
    const action = "registers it again, without a snapshot";
    return [{ ...base, kind: "connector-missing", summary, remedy: "bun run setup", action }];
  }
  if (isUnreachable(connector)) {
    const summary = `Kafka Connect at ${connectUrl} does not answer`;
    return [{ ...base, kind: "connect-unreachable", summary, remedy: "bun run stack status" }];
  }
  if (isHeldByPerson(connector)) {
    const summary = `connector ${connectorName} is ${connector.state}`;
    const remedy = `curl -X PUT ${connectUrl}/connectors/${connectorName}/resume`;
    return [{ ...base, kind: "connector-stopped", summary, remedy }];
  }
  const failed = connector.tasks.filter((task) => task.state === "FAILED");
  if (failed.length === 0 && connector.state !== "FAILED") return [];
  const summary = `connector ${connectorName} failed: ${failed[0]?.error?.slice(0, 300) ?? "no trace"}`;
  return [{ ...base, kind: "connector-failed", summary, remedy: "bun run stack logs connect", action: "restarts it" }];
}

/** PAUSED and STOPPED are what a person asked for. */
export function isHeldByPerson(connector: Connector): boolean {
  return connector.state === "PAUSED" || connector.state === "STOPPED";
}
