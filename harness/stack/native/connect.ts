import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ServerContext } from "../install/equipment.ts";
import type { Ports } from "../ports/ports.ts";
import { probeConnect } from "../probes.ts";
import { archiveFlags, keepArchive } from "./jvm.ts";
import { largestMessageBytes } from "./kafka.ts";
import { writeProperties } from "./properties.ts";
import type { ServerDefinition } from "./server.ts";

/** What a connector's configuration may refer to, as `${env:POSTGRES_REPLICATION_PASSWORD}`. */
const passwordVariable = "POSTGRES_REPLICATION_PASSWORD";

/** A distributed Kafka Connect worker with Debezium's PostgreSQL connector. It waits for Kafka by itself. */
export function defineConnect({ folder, ports, config, equipment }: ServerContext): ServerDefinition {
  const url = `http://127.0.0.1:${ports.connect}`;
  const properties = join(folder, "connect.properties");
  return {
    name: "connect",
    folder,
    address: url,
    prepare: async () => {
      mkdirSync(folder, { recursive: true });
      writeProperties(properties, workerProperties(ports, equipment().installation.connectPlugins));
    },
    command: () => {
      const { java, installation, environment } = equipment();
      const argv = [
        join(java.home, "bin/java"),
        "-cp",
        installation.kafkaJars,
        "-Xms256m",
        "-Xmx768m",
        "-XX:+UseParallelGC",
        "-XX:+ExitOnOutOfMemoryError",
        ...archiveFlags(installation.archives, folder, "connect", java),
        `-Dlog4j2.configurationFile=file:${installation.log4jConfiguration}`,
        "org.apache.kafka.connect.cli.ConnectDistributed",
        properties,
      ];
      return { argv, environment: { ...environment, [passwordVariable]: config.postgresReplicationPassword } };
    },
    probe: () => probeConnect(url),
    afterStop: () => keepArchive(folder),
    stopSignal: "SIGTERM",
    stopTimeoutMs: 5_400,
  };
}

function workerProperties({ connect: port, kafka: kafkaPort }: Ports, plugins: string) {
  return {
    "bootstrap.servers": `127.0.0.1:${kafkaPort}`,
    "group.id": "connect",
    listeners: `http://127.0.0.1:${port}`,
    "rest.advertised.host.name": "127.0.0.1",
    "plugin.path": plugins,
    "plugin.discovery": "service_load",
    "key.converter": "org.apache.kafka.connect.json.JsonConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter",
    "key.converter.schemas.enable": false,
    "value.converter.schemas.enable": false,
    "config.storage.topic": "connect_configs",
    "offset.storage.topic": "connect_offsets",
    "status.storage.topic": "connect_statuses",
    "config.storage.replication.factor": 1,
    "offset.storage.replication.factor": 1,
    "status.storage.replication.factor": 1,
    "offset.storage.partitions": 5,
    "status.storage.partitions": 2,
    "offset.flush.interval.ms": 1_000,
    "topic.creation.enable": true,
    // One worker: after kill -9 its successor takes over as soon as the broker has given the former up.
    "session.timeout.ms": 4_000,
    "heartbeat.interval.ms": 1_000,
    "rebalance.timeout.ms": 15_000,
    "scheduled.rebalance.max.delay.ms": 0,
    "task.shutdown.graceful.timeout.ms": 3_000,
    // A connector may choose neither the clients' settings nor any variable but these.
    "connector.client.config.override.policy": "None",
    "config.providers": "env",
    "config.providers.env.class": "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
    "config.providers.env.param.allowlist.pattern": `^${passwordVariable}$`,
    "producer.linger.ms": 5,
    "producer.batch.size": 262_144,
    // kafkajs reads no other compression.
    "producer.compression.type": "gzip",
    "producer.buffer.memory": 64 * 1024 * 1024,
    "producer.max.request.size": largestMessageBytes,
  };
}
