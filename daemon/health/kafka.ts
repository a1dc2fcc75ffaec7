import type { Admin } from "kafkajs";
import { messageOf } from "../../src/errors.ts";
import { createKafka } from "../../src/kafka.ts";
import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";
import type { Probe } from "./probe.ts";

/** Whether Kafka answers. */
export function kafkaProbe(context: Context): Probe {
  return {
    name: "kafka",
    kinds: ["kafka-unreachable"],
    look: async () => {
      try {
        await withAdmin(context, async () => {});
        return [];
      } catch (error) {
        return kafkaFindings(context.config.kafkaBrokers, messageOf(error));
      }
    },
  };
}

/** Pure. */
export function kafkaFindings(brokers: string, reason: string): readonly Finding[] {
  return [
    {
      kind: "kafka-unreachable",
      severity: "critical",
      labels: { server: "kafka" },
      summary: `Kafka at ${brokers} does not answer: no change reaches Elasticsearch`,
      facts: { reason },
      remedy: "bun run stack status",
      action: "waits: nothing is lost while PostgreSQL keeps the slot's WAL",
    },
  ];
}

/** Asks Kafka by a connection of its own, that gives up within seconds. */
export async function withAdmin<Value>(
  context: Pick<Context, "config">,
  ask: (admin: Admin) => Promise<Value>,
): Promise<Value> {
  const admin = createKafka(context.config, "tidemark-watchdog-probe", { impatient: true }).admin();
  try {
    await admin.connect();
    // Other requests know no broker before metadata was read, and without retries that is an error (kafkajs, cluster).
    await admin.describeCluster();
    return await ask(admin);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
