import { type Client, errors } from "@elastic/elasticsearch";
import type { CatalogTable, Column, ColumnType } from "../catalog.ts";
import type { Config } from "../config.ts";
import { OperationError } from "../errors.ts";
import type { Log } from "../log.ts";
import { indexAlias, type Table } from "../tables.ts";

/** Longest text that is a keyword: beyond 32,766 bytes (8,191 characters of four) Lucene refuses a term. */
const KEYWORD_CHARACTERS = 8_191;

type Mapping = Record<string, unknown>;

/**
 * The mapping of a column's field. A value outside of what the field can hold (a date before 1970 in date_nanos, an
 * infinite number) is kept in `_source` and left out of the field.
 */
export function fieldMapping(column: Column, searched: boolean): Mapping {
  const byType: Record<ColumnType, Mapping> = {
    smallint: { type: "short" },
    integer: { type: "integer" },
    bigint: { type: "long" },
    numeric: { type: "double", ignore_malformed: true },
    real: { type: "float", ignore_malformed: true },
    "double precision": { type: "double", ignore_malformed: true },
    boolean: { type: "boolean" },
    text: keyword(searched),
    "character varying": keyword(searched),
    uuid: { type: "keyword" },
    date: { type: "date", format: "strict_date", ignore_malformed: true },
    "time without time zone": { type: "keyword" },
    "timestamp without time zone": { type: "date_nanos", ignore_malformed: true },
    "timestamp with time zone": { type: "date_nanos", ignore_malformed: true },
    json: { type: "keyword", ignore_above: KEYWORD_CHARACTERS },
    jsonb: { type: "keyword", ignore_above: KEYWORD_CHARACTERS },
    bytea: { type: "binary" },
  };
  return byType[column.type];
}

function keyword(searched: boolean): Mapping {
  const base = { type: "keyword", ignore_above: KEYWORD_CHARACTERS };
  return searched ? { ...base, fields: { text: { type: "text" } } } : base;
}

/** The fields of a table's documents. */
export function mappingProperties(table: CatalogTable): Record<string, Mapping> {
  const properties: Record<string, Mapping> = {};
  for (const column of table.columns) {
    properties[column.name] = fieldMapping(column, table.searchColumns?.includes(column.name) ?? false);
  }
  if (table.point) properties[table.point.field] = { type: "geo_point" };
  properties.tidemark = {
    properties: {
      lsn: { type: "long" },
      digest: { type: "long" },
      committed_at: { type: "date_nanos" },
      indexed_at: { type: "date_nanos" },
    },
  };
  return properties;
}

/** The index template of a table; pure. */
export function indexTemplate(config: Pick<Config, "indexPrefix" | "indexReplicas">, table: CatalogTable) {
  const alias = indexAlias(config.indexPrefix, table);
  return {
    index_patterns: [`${alias}-*`],
    priority: 500,
    template: {
      aliases: { [alias]: {} },
      settings: {
        number_of_shards: 1,
        number_of_replicas: config.indexReplicas,
        // Set, so that an index without searches refreshes too.
        refresh_interval: "1s",
        // How long a delete's version is remembered: an event redelivered later would bring the row back.
        "index.gc_deletes": "1h",
      },
      mappings: { dynamic: "strict" as const, properties: mappingProperties(table) },
    },
  };
}

/**
 * Makes or updates every table's template, index and alias. Safe to repeat and to run in several sinks at once.
 * @throws OperationError where a name is taken by something else
 */
export async function ensureIndices(
  client: Client,
  config: Pick<Config, "indexPrefix" | "indexReplicas">,
  catalog: readonly CatalogTable[],
  log: Log,
): Promise<void> {
  for (const table of catalog) await ensureIndex(client, config, table, log);
}

async function ensureIndex(
  client: Client,
  config: Pick<Config, "indexPrefix" | "indexReplicas">,
  table: CatalogTable,
  log: Log,
): Promise<void> {
  const alias = indexAlias(config.indexPrefix, table);
  const template = indexTemplate(config, table);
  await client.indices.putIndexTemplate({ name: alias, ...template } as Parameters<
    Client["indices"]["putIndexTemplate"]
  >[0]);
  if (await client.indices.existsAlias({ name: alias })) {
    await client.indices.putMapping({ index: alias, properties: template.template.mappings.properties } as Parameters<
      Client["indices"]["putMapping"]
    >[0]);
    return;
  }
  if (await client.indices.exists({ index: alias })) {
    throw new OperationError(
      `Elasticsearch has an index named ${alias}, where an alias of that name is to be: rename it`,
    );
  }
  try {
    await client.indices.create({ index: `${alias}-000001` });
    log.info(`created the index ${alias}-000001`);
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
    await client.indices.putAlias({ index: `${alias}-000001`, name: alias });
  }
}

function isAlreadyThere(error: unknown): boolean {
  return error instanceof errors.ResponseError && error.body?.error?.type === "resource_already_exists_exception";
}

/** Removes a table's index, alias and template; nothing happens where they are not there. */
export async function removeIndex(client: Client, config: Pick<Config, "indexPrefix">, table: Table): Promise<void> {
  const alias = indexAlias(config.indexPrefix, table);
  await client.indices.delete({ index: `${alias}-000001`, ignore_unavailable: true });
  await client.indices.deleteIndexTemplate({ name: alias }, { ignore: [404] });
}
