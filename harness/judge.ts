import { type Command, runCommand, toggle } from "../src/command.ts";
import { ExitCode } from "../src/errors.ts";
import { tables } from "../src/tables.ts";
import { judge } from "./oracle.ts";

const options = { json: toggle("print the differences as JSON: where and of what kind, never a value") };

const command: Command<typeof options> = {
  name: "judge",
  summary:
    "Compares every row with its document, by code that shares nothing with the watchdog. Exits with 0 when identical, 1 when not.",
  options,
  settings: [
    "postgresHost",
    "postgresPort",
    "postgresDatabase",
    "postgresSslMode",
    "postgresAdminUser",
    "postgresAdminPassword",
    "indexPrefix",
    "elasticsearchUrl",
    "elasticsearchUser",
    "elasticsearchPassword",
  ],
  run: async ({ config, options }) => {
    const verdict = await judge(config, tables);
    const lines = Object.entries(verdict.tables).map(
      ([table, { rows, documents, differences }]) =>
        `${table}: ${rows} rows, ${documents} documents, ${differences.length} differences`,
    );
    console.log(options.json ? JSON.stringify(verdict) : lines.join("\n"));
    return verdict.identical ? ExitCode.done : ExitCode.failure;
  },
};

await runCommand(command);
