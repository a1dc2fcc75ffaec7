import { type Command, option, toggle } from "../../src/command.ts";
import { ExitCode } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { tables } from "../../src/tables.ts";
import { openContext } from "../context.ts";
import { runCheck } from "../run/check.ts";
import { runHeal, type TableHeal } from "../run/heal.ts";
import { fenceText } from "./fence-text.ts";
import { connectionSettings, healSettings } from "./settings.ts";
import { parseTime } from "./time.ts";

const options = {
  table: option<string | undefined>("NAME", "only this table", undefined, (text) => text),
  from: option<number | undefined>("TIME", "only rows whose event time is at or after this", undefined, parseTime),
  to: option<number | undefined>("TIME", "only rows whose event time is before this", undefined, parseTime),
  deep: toggle("read every document, as check --deep does"),
  plan: toggle("print what would be healed, and change nothing"),
  confirm: toggle("heal however much it is, and try again what is in quarantine"),
  json: toggle("print the result as JSON"),
};

export const heal: Command<typeof options> = {
  name: "watchdog heal",
  summary: "Compares, and brings Elasticsearch to what PostgreSQL holds. Exits with 0 when nothing is left to heal.",
  options,
  settings: [...connectionSettings, ...healSettings],
  run: async ({ config, options, signal }) => {
    const log = createLog("watchdog", config);
    await using context = await openContext(config, tables, log, signal);
    const { table, from: fromMs, to: toMs, deep, plan, confirm } = options;
    const result = await runCheck(context, { table, fromMs, toMs, deep });
    if (result.blocked && config.healVia === "kafka") {
      console.log(options.json ? JSON.stringify({ blocked: result.blocked }) : fenceText(result.blocked));
      return ExitCode.failure;
    }
    const heals = await runHeal(context, { by: "command", table, fromMs, toMs, plan, confirm });
    console.log(options.json ? JSON.stringify(heals) : heals.map(asText).join("\n") || "nothing to heal");
    const done = heals.every((one) => one.held === undefined && one.result?.left === 0 && one.result.quarantined === 0);
    return heals.length === 0 || plan || done ? ExitCode.done : ExitCode.failure;
  },
};

function asText({ table, planned, held, result }: TableHeal): string {
  const rows = `${planned.write} to write, ${planned.delete} to delete`;
  if (held) return `${table.padEnd(14)} ${rows}: waits for --confirm, since ${held}`;
  if (!result) return `${table.padEnd(14)} ${rows}`;
  const { healed, quarantined, left, blockers, blocked } = result;
  const lines = [`${table.padEnd(14)} ${healed} healed, ${quarantined} quarantined, ${left} left`];
  for (const { pid, gid, user, application, since } of blockers) {
    lines.push(
      `  put off: ${pid === null ? `prepared transaction ${gid}` : `backend ${pid}`} (${user}, ${application}) since ${since}`,
    );
  }
  if (blocked) lines.push(`  sent, not confirmed: ${fenceText(blocked)}`);
  return lines.join("\n");
}
