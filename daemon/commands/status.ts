import { type Command, toggle } from "../../src/command.ts";
import { ExitCode, messageOf } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { tables } from "../../src/tables.ts";
import { type Lag, readLag } from "../compare/lag.ts";
import { openContext } from "../context.ts";
import { readStatus, type TableStatus } from "../store/status.ts";
import { connectionSettings } from "./settings.ts";

const options = { json: toggle("print the status as JSON") };

export const status: Command<typeof options> = {
  name: "watchdog status",
  summary:
    "Prints, for each table, up to when Elasticsearch is proven exact, what differs, and how far each stage lags.",
  options,
  settings: connectionSettings,
  run: async ({ config, options, signal }) => {
    await using context = await openContext(config, tables, createLog("watchdog", config), signal);
    const lag = await readLag(context).catch((error): { error: string } => ({ error: messageOf(error) }));
    const statuses = await Promise.all(tables.map((table) => readStatus(context.sql, table.name)));
    console.log(options.json ? JSON.stringify({ tables: statuses, lag }) : asText(statuses, lag));
    return ExitCode.done;
  },
};

function asText(statuses: readonly TableStatus[], lag: Lag | { error: string }): string {
  const lines = statuses.flatMap((one) => {
    const open = Object.entries(one.divergences).map(([verdict, count]) => `${count} ${verdict}`);
    const differ = open.length === 0 ? "no divergence" : `${open.join(", ")} (${one.quarantined} in quarantine)`;
    return [
      `${one.table.padEnd(14)} exact up to ${one.verifiedThrough.at ?? "(not yet known)"}, ${differ}`,
      `${"".padEnd(14)} coverage ${Math.floor(one.coverage * 100)} %, every bucket since ${one.leastRecent.at ?? "(first scrub under way)"}`,
      ...(one.hold ? [`${"".padEnd(14)} healing waits for bun run watchdog heal --confirm: ${one.hold.reason}`] : []),
    ];
  });
  if ("error" in lag) return [...lines, `lag            unknown: ${lag.error}`].join("\n");
  const slot = lag.slotBytes === null ? "slot missing" : `slot ${lag.slotBytes} bytes`;
  return [...lines, `lag            ${slot}, sink ${lag.sinkMessages} messages`].join("\n");
}
