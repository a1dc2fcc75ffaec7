import type { Client } from "@elastic/elasticsearch";
import { type CatalogTable, readCatalog } from "../catalog.ts";
import type { Config } from "../config.ts";
import { messageOf, OperationError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Postgres } from "../postgres.ts";
import { hasUnknownColumn } from "../row-codec.ts";
import { type Table, topicOf } from "../tables.ts";
import { ensureIndices } from "./indices.ts";

/** An event with a dropped column would ask again for each message; once in this time is enough. */
const REREAD_MS = 10_000;

/** The tables' columns, read from PostgreSQL at the start and again when an event has one that they lack. */
export class Columns {
  private byTopic = new Map<string, CatalogTable>();
  private readAtMs = 0;
  private reading: Promise<void> | undefined;

  constructor(
    private readonly sql: Postgres,
    private readonly client: Client,
    private readonly config: Config,
    private readonly tables: readonly Table[],
    private readonly log: Log,
  ) {}

  /** Reads the catalog, and makes or widens the indices to fit. */
  async read(): Promise<void> {
    const catalog = await readCatalog(this.sql, this.tables);
    await ensureIndices(this.client, this.config, catalog, this.log);
    this.byTopic = new Map(catalog.map((table) => [topicOf(this.config.topicPrefix, table), table]));
    this.readAtMs = Date.now();
  }

  /** @param mustHave a row whose columns the answer should have; those dropped since are ignored */
  async tableFor(topic: string, mustHave?: Readonly<Record<string, unknown>>): Promise<CatalogTable> {
    const known = this.byTopic.get(topic);
    if (known === undefined) throw new OperationError(`no table is declared for the topic ${topic}`);
    if (mustHave === undefined || !hasUnknownColumn(known, mustHave)) return known;
    if (Date.now() - this.readAtMs < REREAD_MS) return known;
    this.reading ??= this.reread().finally(() => {
      this.reading = undefined;
    });
    await this.reading;
    return this.byTopic.get(topic) ?? known;
  }

  private async reread(): Promise<void> {
    this.readAtMs = Date.now();
    try {
      await this.read();
      this.log.info("an event has a column that was not known: the catalog was read again");
    } catch (error) {
      this.log.warn("the catalog could not be read again", { error: messageOf(error) });
      throw error;
    }
  }
}
