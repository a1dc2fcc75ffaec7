import type { Client } from "@elastic/elasticsearch";
import type { Config } from "../../../src/config.ts";
import { indexAlias, type Table } from "../../../src/tables.ts";

/** What Elasticsearch holds of each table, and how many operations it has done on them since its indices were opened. */
export type Documents = { readonly byTable: ReadonlyMap<string, number>; readonly operations: number };

/**
 * Counts documents. An index that has changed is refreshed first, at most once a second, so that what the sink has written
 * shows at once and not only after the index's own next refresh.
 */
export class DocumentCounter {
  private readonly seen = new Map<string, { operations: number; documents: number }>();

  constructor(
    private readonly client: Client,
    private readonly config: Pick<Config, "indexPrefix">,
    private readonly tables: readonly Table[],
  ) {}

  /** @throws ElasticsearchClientError where Elasticsearch does not answer */
  async read(): Promise<Documents> {
    const aliases = this.tables.map((table) => indexAlias(this.config.indexPrefix, table));
    const stats = await this.client.indices.stats({ index: aliases, metric: "indexing" });
    const byTable = new Map<string, number>();
    let operations = 0;
    for (const [at, table] of this.tables.entries()) {
      const alias = aliases[at] ?? "";
      const own = Object.entries(stats.indices ?? {}).filter(([index]) => index.startsWith(`${alias}-`));
      const done = own.reduce((sum, [, { primaries }]) => {
        return sum + (primaries?.indexing?.index_total ?? 0) + (primaries?.indexing?.delete_total ?? 0);
      }, 0);
      operations += done;
      const before = this.seen.get(alias);
      const documents = before?.operations === done ? before.documents : await this.count(alias);
      this.seen.set(alias, { operations: done, documents });
      byTable.set(table.name, documents);
    }
    return { byTable, operations };
  }

  private async count(index: string): Promise<number> {
    await this.client.indices.refresh({ index });
    return (await this.client.count({ index })).count;
  }
}
