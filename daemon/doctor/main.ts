import { runCommand, toggle } from "../../src/command.ts";
import { tables } from "../../src/tables.ts";
import { examine } from "./examine.ts";
import { exitCodeOf, reportText, summaryText } from "./report.ts";

await runCommand({
  name: "doctor",
  summary:
    "Checks every prerequisite, and prints how to mend each. Exits with 0 when nothing failed, 1 when something did.",
  options: { json: toggle("print the checks as JSON") },
  settings: [
    "postgresHost",
    "postgresPort",
    "postgresDatabase",
    "postgresSslMode",
    "postgresAdminUser",
    "postgresAdminPassword",
    "postgresWriterPassword",
    "postgresReplicationPassword",
    "postgresWatchdogPassword",
    "kafkaBrokers",
    "topicPrefix",
    "topicPartitions",
    "topicReplication",
    "consumerGroup",
    "connectUrl",
    "connectorName",
    "slotName",
    "elasticsearchUrl",
    "elasticsearchUser",
    "elasticsearchPassword",
    "indexPrefix",
    "indexReplicas",
    "watchdogMaxWalMegabytes",
  ],
  run: async ({ config, options }) => {
    const examination = await examine(config, tables);
    console.log(options.json ? JSON.stringify(examination.checks) : reportText(examination.checks));
    console.error(`doctor: ${summaryText(examination.checks)}`);
    return exitCodeOf(examination);
  },
});
