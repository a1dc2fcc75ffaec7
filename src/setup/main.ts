import { runCommand } from "../command.ts";
import { ExitCode } from "../errors.ts";
import { createLog } from "../log.ts";
import { tables } from "../tables.ts";
import { setUp } from "./setup.ts";

await runCommand({
  name: "setup",
  summary: "Makes the database, roles, topics, indices and the connector, or brings them up to date.",
  options: {},
  settings: [
    "postgresHost",
    "postgresPort",
    "postgresDatabase",
    "postgresAdminUser",
    "postgresAdminPassword",
    "postgresWriterPassword",
    "postgresReplicationPassword",
    "postgresWatchdogPassword",
    "kafkaBrokers",
    "topicPrefix",
    "topicPartitions",
    "topicReplication",
    "connectUrl",
    "connectorName",
    "slotName",
    "elasticsearchUrl",
    "indexPrefix",
    "indexReplicas",
    "logFormat",
    "logLevel",
  ],
  run: async ({ config, signal }) => {
    await setUp(config, tables, createLog("setup", config), signal);
    return ExitCode.done;
  },
});
