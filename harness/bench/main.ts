import { runCommand, toggle } from "../../src/command.ts";
import { ExitCode, UsageError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { openStack } from "../stack/open.ts";
import type { Endpoints } from "../stack/stack.ts";
import { benchCompare } from "./compare.ts";
import { benchLatency } from "./latency.ts";
import { benchPipeline } from "./pipeline.ts";
import { benchReplay } from "./replay.ts";
import { benchSink } from "./sink.ts";

const benches: Readonly<Record<string, (endpoints: Endpoints) => Promise<object>>> = {
  sink: (endpoints) => benchSink(endpoints),
  pipeline: (endpoints) => benchPipeline(endpoints),
  latency: (endpoints) => benchLatency(endpoints),
  replay: (endpoints) => benchReplay(endpoints),
  compare: (endpoints) => benchCompare(endpoints),
};

await runCommand({
  name: "bench",
  positionals: `[${Object.keys(benches).join("|")}]...`,
  summary: "Measures each part beside its limit, in the same run. All of them unless named.",
  options: { json: toggle("print the figures as JSON") },
  settings: ["stackProvider", "stackDir", "cacheDir"],
  run: async ({ config, options, positionals }) => {
    const unknown = positionals.filter((name) => !(name in benches));
    if (unknown.length > 0)
      throw new UsageError([`${unknown.join(", ")}: expected ${Object.keys(benches).join(", ")}`]);
    const log = createLog("bench", config);
    const stack = openStack(config, { onProgress: (line) => log.info(line) });
    const wasRunning = (await stack.status()).every((server) => server.state === "ready");
    try {
      await stack.start();
      const figures: Record<string, object> = {};
      for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
        log.info(`measuring ${name}`);
        figures[name] = (await benches[name]?.(stack.endpoints)) ?? {};
        if (!options.json) console.log(`${name.padEnd(10)} ${JSON.stringify(figures[name])}`);
      }
      if (options.json) console.log(JSON.stringify(figures));
      return ExitCode.done;
    } finally {
      if (!wasRunning && stack.provider !== "external") await stack.stop();
    }
  },
});
