import type { Admin } from "kafkajs";
import type { Config } from "../../../src/config.ts";
import { createKafka } from "../../../src/kafka.ts";
import type { Table } from "../../../src/tables.ts";
import { messagesBehind, readCommitted, readEnds } from "../../compare/fence.ts";

/** How far the topics go, and how far the sink's group has come; messages. */
export type StreamEnds = { readonly produced: number; readonly consumed: number; readonly behind: number };

/** Asks Kafka again and again by one connection, which is made anew where it broke. */
export class StreamReader {
  private admin: Admin | undefined;

  constructor(
    private readonly config: Config,
    private readonly tables: readonly Table[],
  ) {}

  /** @throws where Kafka does not answer within seconds */
  async read(): Promise<StreamEnds> {
    const admin = await this.connected();
    try {
      const reader = { config: this.config, tables: this.tables, admin };
      const [ends, committed] = [await readEnds(reader), await readCommitted(reader)];
      const sum = (values: Iterable<bigint>) => Number([...values].reduce((total, one) => total + one, 0n));
      return {
        produced: sum(ends.values()),
        consumed: sum(committed.values()),
        behind: Number(messagesBehind(ends, committed)),
      };
    } catch (error) {
      await this.drop(admin);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.admin !== undefined) await this.drop(this.admin);
  }

  private async connected(): Promise<Admin> {
    if (this.admin !== undefined) return this.admin;
    const admin = createKafka(this.config, "tidemark-watchdog-web", { impatient: true }).admin();
    this.admin = admin;
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      await this.drop(admin);
      throw error;
    }
  }

  private async drop(admin: Admin): Promise<void> {
    if (this.admin === admin) this.admin = undefined;
    await admin.disconnect().catch(() => {});
  }
}
