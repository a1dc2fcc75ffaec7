import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, option, runCommand } from "../../src/command.ts";
import { ExitCode } from "../../src/errors.ts";
import { savedObjects, toNdjson } from "./objects.ts";

/** What the repository holds, for indices without a prefix. */
export const file = join(import.meta.dir, "tidemark.ndjson");

const options = { out: option("FILE", "where to write them", file, (text) => text) };

const kibana: Command<typeof options> = {
  name: "kibana",
  summary: "Writes Kibana's data views and dashboard anew, for Kibana's Saved Objects, Import.",
  options,
  settings: ["indexPrefix"],
  run: async ({ config, options }) => {
    writeFileSync(options.out, toNdjson(savedObjects(config.indexPrefix)));
    return ExitCode.done;
  },
};

if (import.meta.main) await runCommand(kibana);
