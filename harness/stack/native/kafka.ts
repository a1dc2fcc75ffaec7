import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Equipment, ServerContext } from "../install/equipment.ts";
import type { Ports } from "../ports/ports.ts";
import { probeKafka } from "../probes.ts";
import { run } from "../run.ts";
import { archiveFlags, keepArchive } from "./jvm.ts";
import { writeProperties } from "./properties.ts";
import type { ServerDefinition } from "./server.ts";

/** A text of 100 kB stands twice in an event (before and after); this leaves room for far more. */
export const largestMessageBytes = 16 * 1024 * 1024;

/** Kafka in KRaft mode: one process is broker and controller. */
export function defineKafka({ folder, ports, equipment }: ServerContext): ServerDefinition {
  const properties = join(folder, "server.properties");
  const data = join(folder, "data");
  return {
    name: "kafka",
    folder,
    address: `127.0.0.1:${ports.kafka}`,
    prepare: async () => {
      mkdirSync(folder, { recursive: true });
      if (!existsSync(data)) await format(folder, ports, equipment());
      writeProperties(properties, serverProperties(ports, data));
    },
    command: () => {
      const { java, installation, environment } = equipment();
      const argv = [
        ...jvm(equipment()),
        "-Xms256m",
        "-Xmx512m",
        "-XX:+ExitOnOutOfMemoryError",
        ...archiveFlags(installation.archives, folder, "kafka", java),
        "kafka.Kafka",
        properties,
      ];
      return { argv, environment };
    },
    probe: () => probeKafka(`127.0.0.1:${ports.kafka}`),
    afterStop: () => keepArchive(folder),
    stopSignal: "SIGTERM",
    stopTimeoutMs: 4_000,
  };
}

function jvm({ java, installation }: Equipment): string[] {
  const logging = `-Dlog4j2.configurationFile=file:${installation.log4jConfiguration}`;
  return [join(java.home, "bin/java"), "-cp", installation.kafkaJars, logging];
}

function serverProperties({ kafka: port, kafkaController: controllerPort }: Ports, data: string) {
  return {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": data,
    "auto.create.topics.enable": false,
    "message.max.bytes": largestMessageBytes,
    "replica.fetch.max.bytes": largestMessageBytes,
    "log.retention.hours": 168,
    "log.segment.bytes": 256 * 1024 * 1024,
    "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 5,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 5,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1_000,
    // After kill -9 the broker registers again once its former session has ended.
    "broker.heartbeat.interval.ms": 500,
    "broker.session.timeout.ms": 3_000,
  };
}

/** Gives the storage its cluster id. In a folder of its own first, so that it is there whole or not at all. */
async function format(folder: string, ports: Ports, equipment: Equipment): Promise<void> {
  const partial = join(folder, "data.partial");
  const properties = join(folder, "format.properties");
  rmSync(partial, { recursive: true, force: true });
  writeProperties(properties, serverProperties(ports, partial));
  const clusterId = createClusterId();
  const tool = ["-XX:TieredStopAtLevel=1", "kafka.tools.StorageTool", "format", "-t", clusterId, "-c", properties];
  await run([...jvm(equipment), ...tool], "Kafka could not format its storage");
  rmSync(properties);
  renameSync(partial, join(folder, "data"));
}

/** 128 random bits in base64url, as Kafka's own Uuid: without a leading dash, which tools would take for an option. */
export function createClusterId(randomBytes = () => crypto.getRandomValues(new Uint8Array(16))): string {
  while (true) {
    const id = Buffer.from(randomBytes()).toString("base64url");
    if (!id.startsWith("-")) return id;
  }
}
