import type { SettingName } from "../../src/config.ts";

/** Settings of every command of the watchdog. */
export const connectionSettings: readonly SettingName[] = [
  "postgresHost",
  "postgresPort",
  "postgresDatabase",
  "postgresWatchdogPassword",
  "kafkaBrokers",
  "topicPrefix",
  "consumerGroup",
  "slotName",
  "elasticsearchUrl",
  "elasticsearchUser",
  "elasticsearchPassword",
  "indexPrefix",
  "watchdogBucketSeconds",
  "watchdogFenceSeconds",
  "logFormat",
  "logLevel",
];

export const healSettings: readonly SettingName[] = [
  "healVia",
  "healRowsPerSecond",
  "healMaxRows",
  "healMaxPercent",
  "healAttempts",
  "healBarrierSeconds",
];
