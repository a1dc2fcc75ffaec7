import { runCommand } from "../command.ts";
import { ExitCode, OperationError } from "../errors.ts";
import { createLog } from "../log.ts";
import { tables } from "../tables.ts";
import { startSink } from "./sink.ts";

await runCommand({
  name: "sink",
  summary: "Brings every change from Kafka to Elasticsearch. Several sinks share the work.",
  options: {},
  settings: [
    "kafkaBrokers",
    "consumerGroup",
    "topicPrefix",
    "elasticsearchUrl",
    "elasticsearchUser",
    "elasticsearchPassword",
    "indexPrefix",
    "indexReplicas",
    "postgresHost",
    "postgresPort",
    "postgresDatabase",
    "postgresWatchdogPassword",
    "sinkHost",
    "sinkPort",
    "sinkBulkActions",
    "sinkBulkBytes",
    "sinkBulkTimeoutMs",
    "sinkFetchWaitMs",
    "logFormat",
    "logLevel",
  ],
  run: async ({ config, signal }) => {
    const log = createLog("sink", config);
    const sink = await startSink(config, tables, log, { signal });
    log.info("serving health and metrics", { url: sink.url });
    const stopped = new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    const failure = await Promise.race([stopped, sink.crashed]);
    await sink.stop();
    if (failure) throw new OperationError("the consumer cannot go on", { cause: failure });
    log.info("stopped; everything consumed is committed");
    return ExitCode.done;
  },
});
