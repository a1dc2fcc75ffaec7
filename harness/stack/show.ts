import { settings } from "../../src/config.ts";
import type { Endpoints, ServerStatus, Stack } from "./stack.ts";

/** The servers' addresses as a block of aligned lines. */
export function showEndpoints(endpoints: Endpoints): string {
  return [
    `postgres       ${endpoints.postgresHost}:${endpoints.postgresPort}`,
    `kafka          ${endpoints.kafkaBrokers}`,
    `connect        ${endpoints.connectUrl}`,
    `elasticsearch  ${endpoints.elasticsearchUrl}`,
  ].join("\n");
}

/** A table for people: name, state, address, process, and the reason of what is not ready. */
export function showStatus(status: readonly ServerStatus[]): string {
  const rows = status.map(({ name, state, address, pid, reason }) => [
    name,
    state,
    address,
    pid === undefined ? "" : `process ${pid}`,
    reason ?? "",
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Lines NAME=value for a shell or an .env file: what the other commands need to find this stack. No secrets. */
export function showEnvironment(provider: Stack["provider"], endpoints: Endpoints): string {
  const values = { stackProvider: provider, ...endpoints };
  return (Object.keys(values) as (keyof typeof values)[])
    .map((name) => `${settings[name].env}=${values[name]}`)
    .join("\n");
}
