import { join } from "node:path";
import { option, runCommand, toggle } from "../command.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { createLog } from "../log.ts";
import { parseInteger } from "../settings.ts";
import { dryRun } from "./dry-run.ts";
import { parseSpeed, type Speed } from "./pace.ts";
import { showProgress } from "./progress.ts";
import { type ReplaySummary, replay } from "./replay.ts";

await runCommand({
  name: "replay",
  summary: "Writes clicks and transactions into PostgreSQL in the order and at the pace in which they happened.",
  options: {
    data: option(
      "DIR",
      "folder with the prepared files (default: the sample)",
      join(import.meta.dir, "../../data/sample"),
      (text) => text,
    ),
    speed: option<Speed>("N", "times faster than it happened, or max (default 1)", 1, parseSpeed),
    resume: toggle("go on with the unfinished run, each row exactly once"),
    restart: toggle("begin anew; the rows of an unfinished run stay"),
    limit: option<number | undefined>("N", "stop after so many lines", undefined, (text) =>
      parseInteger(text, 1, 1e12),
    ),
    dryRun: toggle("say how many rows it would write, and how long it would take"),
    json: toggle("print the summary as JSON"),
  },
  settings: ["postgresHost", "postgresPort", "postgresDatabase", "postgresWriterPassword", "logFormat", "logLevel"],
  run: async ({ config, options, signal }) => {
    if (options.resume && options.restart) throw new UsageError(["--resume and --restart: give one of them"]);
    if (options.dryRun) {
      const plan = await dryRun(options.data, options.speed);
      const time = plan.seconds === undefined ? "as fast as PostgreSQL takes them" : `in ${plan.seconds} s`;
      console.log(
        options.json ? JSON.stringify(plan) : `${plan.rows} rows ${time}; ${plan.rejected} lines would be rejected`,
      );
      return ExitCode.done;
    }
    const log = createLog("replay", config);
    const progress = showProgress(log, process.stderr.isTTY === true);
    const mode = options.resume ? "resume" : options.restart ? "restart" : "fresh";
    const { data: dataDir, speed, limit } = options;
    const summary = await replay({
      config,
      dataDir,
      speed,
      mode,
      limit,
      log,
      signal,
      onProgress: progress.update,
    }).finally(progress.stop);
    console.log(options.json ? JSON.stringify(summary) : summaryText(summary));
    return ExitCode.done;
  },
});

function summaryText(summary: ReplaySummary): string {
  const lines = summary.files.map(
    ({ file, read, written, rejected }) => `${file}: ${read} read = ${written} written + ${rejected} rejected`,
  );
  return [...lines, `${summary.finished ? "finished" : "not finished"} after ${summary.seconds.toFixed(1)} s`].join(
    "\n",
  );
}
