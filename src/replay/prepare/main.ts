import { option, runCommand, toggle } from "../../command.ts";
import { isDate } from "../../csv/timestamp.ts";
import { ExitCode, UsageError } from "../../errors.ts";
import { createLog } from "../../log.ts";
import { type FileSummary, prepare } from "./prepare.ts";

await runCommand({
  name: "prepare",
  summary: "Cuts one day out of the raw files (click_stream_new.csv, transaction_new.csv) for `bun run replay`.",
  options: {
    raw: option<string>("DIR", "the folder with the raw files", "", (text) => text),
    out: option<string>("DIR", "the folder to write to", "", (text) => text),
    day: option<string | undefined>(
      "YYYY-MM-DD",
      "a day in UTC (default: the one with the most clicks)",
      undefined,
      (text) => {
        if (!isDate(text)) throw new Error("expected a day of the calendar as YYYY-MM-DD");
        return text;
      },
    ),
    json: toggle("print the summary as JSON on stdout"),
  },
  settings: ["logFormat", "logLevel"],
  async run({ config, options }) {
    const missing = (["raw", "out"] as const).filter((name) => options[name] === "");
    if (missing.length > 0) throw new UsageError(missing.map((name) => `--${name}: name the folder`));
    const summary = await prepare(options, createLog("prepare", config));
    if (options.json) console.log(JSON.stringify(summary));
    else {
      console.log(`${summary.day}, written to ${options.out}`);
      console.log(describe("clicks", summary.clicks));
      console.log(describe("transactions", summary.transactions));
    }
    return ExitCode.done;
  },
});

function describe(name: string, { read, written, otherDays, bad }: FileSummary): string {
  return `  ${name.padEnd(12)}  ${written} written, ${otherDays} of other days, ${bad} bad: ${read} read`;
}
