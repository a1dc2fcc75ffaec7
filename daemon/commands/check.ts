import { type Command, option, toggle } from "../../src/command.ts";
import { ExitCode } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { formatLsn } from "../../src/lsn.ts";
import { tables } from "../../src/tables.ts";
import { openContext } from "../context.ts";
import { type CheckResult, runCheck } from "../run/check.ts";
import { fenceText } from "./fence-text.ts";
import { connectionSettings } from "./settings.ts";
import { parseTime } from "./time.ts";

const LISTED = 20;

const options = {
  table: option<string | undefined>("NAME", "only this table", undefined, (text) => text),
  from: option<number | undefined>("TIME", "only rows whose event time is at or after this", undefined, parseTime),
  to: option<number | undefined>("TIME", "only rows whose event time is before this", undefined, parseTime),
  deep: toggle("read every document, and compute its digest from its fields: finds edits that kept the digest"),
  json: toggle("print the result as JSON"),
};

export const check: Command<typeof options> = {
  name: "watchdog check",
  summary: "Compares PostgreSQL with Elasticsearch once. Exits with 0 when identical, 1 when not.",
  options,
  settings: connectionSettings,
  run: async ({ config, options, signal }) => {
    const log = createLog("watchdog", config);
    await using context = await openContext(config, tables, log, signal);
    const { table, from, to, deep } = options;
    const result = await runCheck(context, { table, fromMs: from, toMs: to, deep });
    console.log(options.json ? JSON.stringify(asJson(result)) : asText(result));
    return result.identical ? ExitCode.done : ExitCode.failure;
  },
};

function asJson({ identical, fence, blocked, tables: checked }: CheckResult) {
  return {
    identical,
    ...(fence
      ? { fence: { lsn: formatLsn(fence.lsn), at: new Date(fence.atMs).toISOString(), waits: fence.waits } }
      : {}),
    ...(blocked ? { blocked } : {}),
    tables: Object.fromEntries(
      Object.entries(checked).map(([name, { divergences, ...counts }]) => [
        name,
        {
          ...counts,
          divergences: divergences.map(({ id, verdict, cause, detail, row, document }) => ({
            id,
            verdict,
            cause,
            detail,
            postgresDigest: row?.digest ?? null,
            documentDigest: document?.digest ?? null,
            documentVersion: document?.version ?? null,
          })),
        },
      ]),
    ),
  };
}

function asText(result: CheckResult): string {
  if (result.blocked) return fenceText(result.blocked);
  const lines = Object.entries(result.tables).flatMap(([name, { rows, documents, divergences, unsettled }]) => [
    `${name.padEnd(14)} ${String(rows).padStart(9)} rows ${String(documents).padStart(9)} documents  ${
      divergences.length === 0 ? "identical" : `${divergences.length} DIFFER`
    }${unsettled > 0 ? `, ${unsettled} in motion` : ""}`,
    ...divergences
      .slice(0, LISTED)
      .map(({ id, verdict, cause, detail }) => `  ${verdict.padEnd(8)} ${id}  ${cause}: ${detail}`),
    ...(divergences.length > LISTED ? [`  and ${divergences.length - LISTED} more (--json lists all)`] : []),
  ]);
  const { fence } = result;
  const behind = fence ? `exact up to ${new Date(fence.atMs).toISOString()} (LSN ${formatLsn(fence.lsn)})` : "";
  return [...lines, result.identical ? `identical: ${behind}` : "NOT IDENTICAL (bun run watchdog heal mends it)"].join(
    "\n",
  );
}
