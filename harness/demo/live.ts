import { runWatchdog } from "../../daemon/watchdog.ts";
import type { Web } from "../../daemon/web/server.ts";
import type { Config } from "../../src/config.ts";
import { hasBatchFiles, load } from "../../src/load/load.ts";
import { createLog, type Log } from "../../src/log.ts";
import type { Speed } from "../../src/replay/pace.ts";
import { replay } from "../../src/replay/replay.ts";
import { setUp } from "../../src/setup/setup.ts";
import { startSink } from "../../src/sink/sink.ts";
import { tables } from "../../src/tables.ts";
import { type Mailbox, openMailbox } from "../mailbox/mailbox.ts";
import type { Stack } from "../stack/stack.ts";
import { hasOwnMail, mailingTo } from "./mail.ts";

/** Runs the whole pipeline over the configuration's own names until the signal: replay, sink, watchdog. */
export async function runLive(
  stack: Stack,
  base: Config,
  dataDir: string,
  speed: Speed,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  await using mailbox = hasOwnMail(base) ? undefined : await openMailbox();
  const located: Config = { ...base, ...stack.endpoints };
  const config = mailbox === undefined ? located : mailingTo(located, mailbox);
  await setUp(config, tables, log, signal);
  const sink = await startSink(config, tables, log, { signal });
  const served = Promise.withResolvers<Web>();
  const watching = runWatchdog(config, tables, createLog("watchdog", config), signal, served.resolve);
  try {
    const web = await Promise.race([served.promise, watching.then(() => undefined)]);
    process.stdout.write(`${addresses(config, sink.url, web, mailbox)}\n`);
    if (await hasBatchFiles(dataDir)) await load({ config, dataDir, log, signal });
    const summary = await replay({ config, dataDir, speed, mode: "restart", log, signal });
    if (!signal.aborted) {
      log.info("the replay is done; the servers stay up until Ctrl-C", { seconds: Math.round(summary.seconds) });
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    }
  } finally {
    await Promise.all([sink.stop(), watching]);
  }
}

/** One aligned block of what there is to open. */
function addresses(config: Config, sinkUrl: string, web: Web | undefined, mailbox: Mailbox | undefined): string {
  const rows: [string, string][] = [
    ...(web === undefined ? [] : pageAddresses(web)),
    [
      "PostgreSQL",
      `postgresql://${config.postgresAdminUser}@${config.postgresHost}:${config.postgresPort}/${config.postgresDatabase}`,
    ],
    ["Kafka", config.kafkaBrokers],
    ["Kafka Connect", `${config.connectUrl}/connectors/${config.connectorName}/status`],
    ["Elasticsearch", `${config.elasticsearchUrl}/${config.indexPrefix}clicks_index/_search?sort=created_at:desc`],
    ["Sink", `${sinkUrl}/metrics`],
    ["Watchdog", "bun run watchdog status"],
    ["Mail", mailbox?.url ?? `goes to ${config.alertEmailTo || "nobody: set ALERT_EMAIL_TO"}`],
  ];
  return rows.map(([name, address]) => `${name.padEnd(14)} ${address}`).join("\n");
}

/** The link that signs in goes to a terminal alone: what is piped may end in a log. */
function pageAddresses({ url, loginUrl, tokenFile }: Web): [string, string][] {
  if (process.stdout.isTTY) return [["Page", loginUrl]];
  return [["Page", tokenFile === null ? url : `${url}   (to make changes there: the token in ${tokenFile})`]];
}
