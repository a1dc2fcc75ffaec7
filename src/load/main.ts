import { join } from "node:path";
import { option, runCommand, toggle } from "../command.ts";
import { ExitCode } from "../errors.ts";
import { createLog } from "../log.ts";
import { load } from "./load.ts";

await runCommand({
  name: "load",
  summary:
    "Brings customers and products up to date with customer.csv and product.csv. Unchanged rows are not touched.",
  options: {
    data: option(
      "DIR",
      "folder with the files (default: the sample)",
      join(import.meta.dir, "../../data/sample"),
      (text) => text,
    ),
    json: toggle("print the summary as JSON"),
  },
  settings: ["postgresHost", "postgresPort", "postgresDatabase", "postgresWriterPassword", "logFormat", "logLevel"],
  run: async ({ config, options, signal }) => {
    const results = await load({ config, dataDir: options.data, log: createLog("load", config), signal });
    if (options.json) console.log(JSON.stringify(results));
    for (const result of options.json ? [] : results) {
      const { file, read, inserted, updated, unchanged, repeated, rejected } = result;
      console.log(
        `${file}: ${read} read = ${inserted} inserted + ${updated} updated + ${unchanged} unchanged + ` +
          `${repeated} repeated + ${rejected} rejected`,
      );
    }
    return ExitCode.done;
  },
});
