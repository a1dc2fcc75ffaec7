import type { Command } from "../../src/command.ts";
import { ExitCode, UsageError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { tables } from "../../src/tables.ts";
import { checkCron } from "../schedule.ts";
import { runWatchdog } from "../watchdog.ts";
import { connectionSettings, healSettings } from "./settings.ts";
import { alertSettings } from "./test-alert.ts";

export const run: Command<Record<never, never>> = {
  name: "watchdog",
  positionals: "[acknowledge|alerts|check|heal|silence|status|test-alert]",
  summary: "Compares PostgreSQL with Elasticsearch on its schedules, and heals what differs. Of several, one leads.",
  options: {},
  settings: [
    "watchdogRecentCron",
    "watchdogScrubCron",
    "watchdogHealthCron",
    "watchdogRecentSeconds",
    "watchdogScrubRate",
    "watchdogMaxWalMegabytes",
    "watchdogLatencySeconds",
    "watchdogLagMessages",
    "watchdogQuietMinutes",
    "watchdogHost",
    "watchdogPort",
    "watchdogToken",
    "watchdogUrl",
    "healMode",
    "alertEmailRoute",
    "alertWebhookRoute",
    "alertGroupSeconds",
    "alertRepeatMinutes",
    "alertChannelMinutes",
    "deadManUrl",
    ...alertSettings,
    ...connectionSettings,
    ...healSettings,
  ],
  run: async ({ config, positionals, signal }) => {
    if (positionals.length > 0) {
      throw new UsageError([`${positionals.join(" ")}: no such command, or not the first word`]);
    }
    checkCron("WATCHDOG_RECENT_CRON", config.watchdogRecentCron);
    checkCron("WATCHDOG_SCRUB_CRON", config.watchdogScrubCron);
    checkCron("WATCHDOG_HEALTH_CRON", config.watchdogHealthCron);
    const log = createLog("watchdog", config);
    await runWatchdog(config, tables, log, signal);
    log.info("stopped");
    return ExitCode.done;
  },
};
