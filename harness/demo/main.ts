import { join } from "node:path";
import { option, runCommand, toggle } from "../../src/command.ts";
import { ExitCode } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { parseSpeed, type Speed } from "../../src/replay/pace.ts";
import { openStack } from "../stack/open.ts";
import { chooseProvider } from "../stack/provider.ts";
import { runLive } from "./live.ts";
import { runOnce } from "./once.ts";

const sample = join(import.meta.dir, "../../data/sample");

await runCommand({
  name: "demo",
  summary:
    "Starts every server, streams the sample from CSV to Elasticsearch, and shows where to look. Ctrl-C stops it all.",
  options: {
    data: option("DIR", "the data set to replay (default: the sample)", sample, (text) => text),
    speed: option<Speed>("N", "times faster than it happened, or max (default 60)", 60, parseSpeed),
    once: toggle("replay at full speed, wait until every row is searchable, compare, stop"),
    json: toggle("with --once: print the summary as JSON"),
  },
  settings: ["stackProvider", "stackDir", "cacheDir", "logFormat", "logLevel"],
  run: async ({ config, options, signal }) => {
    const log = createLog("demo", config);
    const stack = openStack(config, { onProgress: (line) => log.info(line) });
    const before = await stack.status();
    const wasRunning = before.every((server) => server.state === "ready");
    try {
      const { seconds } = await stack.start();
      const { provider, reason } = chooseProvider(config);
      log.info("servers are ready", { provider, reason, seconds: Math.round(seconds * 10) / 10 });
      if (!options.once) {
        await runLive(stack, config, options.data, options.speed, log, signal);
        return ExitCode.done;
      }
      const summary = await runOnce(stack, config, options.data, log, signal);
      console.log(options.json ? JSON.stringify(summary) : summaryText(summary));
      return summary.identical ? ExitCode.done : ExitCode.failure;
    } finally {
      // Servers that somebody else had started stay up.
      if (!wasRunning && stack.provider !== "external") await stack.stop();
    }
  },
});

function summaryText(summary: Awaited<ReturnType<typeof runOnce>>): string {
  const rows = Object.entries(summary.tables).map(
    ([name, { rows, documents }]) =>
      `${name.padEnd(14)} ${String(rows).padStart(8)} rows  ${String(documents).padStart(8)} documents`,
  );
  const { p50, p99 } = summary.latencyMs;
  return [
    ...rows,
    `${summary.identical ? "identical" : "NOT IDENTICAL"} after ${summary.seconds} s; commit to indexed ${p50} ms (p50), ${p99} ms (p99)`,
  ].join("\n");
}
