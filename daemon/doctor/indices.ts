import type { Client } from "@elastic/elasticsearch";
import type { CatalogTable } from "../../src/catalog.ts";
import type { Config } from "../../src/config.ts";
import { HEAL_EXPIRY_MS } from "../../src/sink/expiry.ts";
import { indexTemplate } from "../../src/sink/indices.ts";
import { indexAlias, type Table } from "../../src/tables.ts";
import { about, type Check, skipped } from "./check.ts";

type Tree = Readonly<Record<string, unknown>>;
type Settings = Readonly<Record<string, string>>;

/** An index behind a table's alias, settings by their full names. */
export type Index = {
  readonly name: string;
  readonly isWriteIndex: boolean | undefined;
  readonly settings: Settings;
  readonly mappings: Tree;
};

export type IndexFacts = {
  readonly alias: string;
  /** The template of that name; null where there is none. */
  readonly template: {
    readonly index_patterns: string | readonly string[];
    readonly priority?: number;
    readonly template?: { readonly aliases?: Tree; readonly settings?: Settings; readonly mappings?: Tree };
  } | null;
  readonly indices: readonly Index[];
};

type Names = Pick<Config, "indexPrefix" | "indexReplicas" | "elasticsearchUrl">;

/** What is known beside Elasticsearch's answers. */
export type Surroundings = {
  /** Undefined where Kafka did not answer. */
  readonly sinkRuns: boolean | undefined;
  /** Why there are no columns to compare with; undefined where there are. */
  readonly noColumns: string;
};

export const indexChecks = [
  "index-template",
  "index",
  "index-mapping",
  "index-deletes",
  "index-blocks",
  "index-refresh",
] as const;

/** As long as the templates say: a delete that is forgotten earlier lets an older event bring the row back. */
const SHORTEST_DELETES_MS = Math.max(60 * 60_000, 2 * HEAL_EXPIRY_MS);

/** Asks for the template and the indices of every table. */
export async function askIndices(
  client: Client,
  config: Names,
  tables: readonly Table[],
): Promise<readonly IndexFacts[]> {
  return Promise.all(
    tables.map(async (table) => {
      const alias = indexAlias(config.indexPrefix, table);
      const templates = await client.indices.getIndexTemplate({ name: alias, flat_settings: true }, { ignore: [404] });
      const indices = await client.indices.get({ index: alias, flat_settings: true }, { ignore: [404] });
      return {
        alias,
        template: (templates.index_templates?.[0]?.index_template ?? null) as IndexFacts["template"],
        indices:
          "error" in indices
            ? []
            : Object.entries(indices).map(([name, { aliases, settings, mappings }]) => ({
                name,
                isWriteIndex: aliases?.[alias]?.is_write_index,
                settings: (settings ?? {}) as Settings,
                mappings: (mappings ?? {}) as Tree,
              })),
      };
    }),
  );
}

/** Whether a table's template and index are as the sink would make them; pure. */
export function judgeIndex(
  facts: IndexFacts,
  table: CatalogTable | undefined,
  names: Names,
  around: Surroundings,
): readonly Check[] {
  const labels = { index: facts.alias };
  const wanted = table && indexTemplate(names, table);
  const [index] = facts.indices;
  if (index === undefined) {
    const why = `there is no index ${facts.alias}`;
    const exists = about("index", "an index behind the alias", labels);
    return [
      ...judgeTemplate(facts, wanted, around),
      // The sink makes it when it starts; one that runs has nowhere to put its documents.
      around.sinkRuns ? exists.fail("does not exist", "bun run setup") : exists.warn("does not exist", "bun run sink"),
      ...skipped(["index-mapping", "index-deletes", "index-blocks", "index-refresh"], why, labels),
    ];
  }
  const write = facts.indices.find((one) => one.isWriteIndex) ?? index;
  return [
    ...judgeTemplate(facts, wanted, around),
    judgeAlias(facts, names),
    ...judgeMapping(write, wanted?.template.mappings, names, around, labels),
    ...judgeSettings(write, wanted?.template.settings.refresh_interval, names, labels),
  ];
}

type Template = ReturnType<typeof indexTemplate>;

function judgeTemplate(
  { alias, template, indices }: IndexFacts,
  wanted: Template | undefined,
  around: Surroundings,
): readonly Check[] {
  const labels = { index: alias };
  const check = about("index-template", "as the sink would put it", labels);
  if (template === null) {
    const untouched = indices.length === 0 && !around.sinkRuns;
    return [untouched ? check.warn("does not exist", "bun run sink") : check.fail("does not exist", "bun run setup")];
  }
  if (wanted === undefined) return [check.skip(around.noColumns)];
  const paths = driftingPaths(
    { ...wanted, template: { ...wanted.template, settings: fullNames(wanted.template.settings) } },
    { index_patterns: template.index_patterns, priority: template.priority, template: template.template ?? {} },
  );
  return [
    paths.length === 0 ? check.ok("as it should be") : check.fail(`differs in ${paths.join(", ")}`, "bun run setup"),
  ];
}

function fullNames(settings: Tree): Tree {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name.startsWith("index.") ? name : `index.${name}`, value]),
  );
}

/** The paths at which two JSON values differ; numbers and booleans equal their texts, as Elasticsearch turns them. Pure. */
export function driftingPaths(wanted: unknown, found: unknown, path = ""): readonly string[] {
  if (!isTree(wanted) || !isTree(found)) return sameText(wanted, found) ? [] : [path];
  const keys = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  return [...keys].flatMap((key) => driftingPaths(wanted[key], found[key], path === "" ? key : `${path}.${key}`));
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sameText(one: unknown, other: unknown): boolean {
  if (isTree(one) || isTree(other) || one === undefined || other === undefined) return one === other;
  return String(one) === String(other);
}

function judgeAlias({ alias, indices }: IndexFacts, { elasticsearchUrl }: Names): Check {
  const check = about("index", "one index behind the alias takes writes", { index: alias });
  if (indices.some(({ name }) => name === alias)) {
    return check.fail(
      `${alias} is an index, where an alias is to be`,
      `curl -X DELETE '${elasticsearchUrl}/${alias}'; bun run setup; bun run watchdog heal --confirm`,
    );
  }
  const names = indices.map(({ name }) => name);
  const writes = indices.filter(({ isWriteIndex }) => (indices.length === 1 ? isWriteIndex !== false : isWriteIndex));
  if (writes.length === 1) return check.ok(names.join(", "));
  const newest = names.toSorted().at(-1);
  const body = JSON.stringify({ actions: [{ add: { index: newest, alias, is_write_index: true } }] });
  return check.fail(
    `none of ${names.join(", ")} takes writes`,
    `curl -X POST -H 'content-type: application/json' '${elasticsearchUrl}/_aliases' -d '${body}'`,
  );
}

function judgeMapping(
  index: Index,
  wanted: Template["template"]["mappings"] | undefined,
  { elasticsearchUrl }: Names,
  around: Surroundings,
  labels: { readonly index: string },
): readonly Check[] {
  const check = about("index-mapping", "the fields that the sink would make, and no other", labels);
  if (wanted === undefined) return [check.skip(around.noColumns)];
  const rebuild = `curl -X DELETE '${elasticsearchUrl}/${index.name}'; bun run setup; bun run watchdog heal --confirm`;
  const fields = isTree(index.mappings.properties) ? index.mappings.properties : {};
  const differing = Object.keys(wanted.properties).filter(
    (name) => name in fields && driftingPaths(wanted.properties[name], fields[name]).length > 0,
  );
  if (differing.length > 0) return [check.fail(`other types: ${differing.join(", ")}`, rebuild)];
  const missing = Object.keys(wanted.properties).filter((name) => !(name in fields));
  if (missing.length > 0) return [check.fail(`missing: ${missing.join(", ")}`, "bun run setup")];
  if (String(index.mappings.dynamic) !== wanted.dynamic) {
    const remedy = putText(`${elasticsearchUrl}/${index.name}/_mapping`, { dynamic: wanted.dynamic });
    return [check.fail(`dynamic: ${index.mappings.dynamic ?? true}, expected ${wanted.dynamic}`, remedy)];
  }
  const extra = Object.keys(fields).filter((name) => !(name in wanted.properties));
  // A column that was dropped leaves its field behind: nothing reads it.
  if (extra.length > 0) return [check.warn(`left over: ${extra.join(", ")}`, `leave it, or ${rebuild}`)];
  return [check.ok(`${Object.keys(fields).length} fields`)];
}

function judgeSettings(
  { name, settings }: Index,
  refresh: string | undefined,
  { elasticsearchUrl }: Names,
  labels: { readonly index: string },
): readonly Check[] {
  const put = (body: Tree) => putText(`${elasticsearchUrl}/${name}/_settings`, body);
  const deletes = about(
    "index-deletes",
    "index.gc_deletes of 1h at least: a forgotten delete lets an old event win",
    labels,
  );
  const blocks = about("index-blocks", "no block keeps writes out", labels);
  const refreshes = about("index-refresh", `index.refresh_interval ${refresh ?? "1s"}`, labels);
  const remembered = settings["index.gc_deletes"] ?? "60s";
  const blocked = ["read_only_allow_delete", "read_only", "write"]
    .map((block) => `index.blocks.${block}`)
    .filter((block) => settings[block] === "true");
  const interval = settings["index.refresh_interval"] ?? "1s, while searched";
  return [
    durationMs(remembered) >= SHORTEST_DELETES_MS
      ? deletes.ok(remembered)
      : deletes.fail(remembered, put({ "index.gc_deletes": "1h" })),
    blocked.length === 0
      ? blocks.ok("none")
      : blocks.fail(
          blocked.join(", "),
          `${blocked.some((block) => block.endsWith("allow_delete")) ? "free disk space; " : ""}${put(Object.fromEntries(blocked.map((block) => [block, null])))}`,
        ),
    interval === (refresh ?? "1s")
      ? refreshes.ok(interval)
      : refreshes.warn(interval, put({ "index.refresh_interval": refresh ?? "1s" })),
  ];
}

function putText(url: string, body: Tree): string {
  return `curl -X PUT -H 'content-type: application/json' '${url}' -d '${JSON.stringify(body)}'`;
}

const UNITS: Readonly<Record<string, number>> = {
  nanos: 1e-6,
  micros: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of Elasticsearch's text of a duration (`1h`); 0 for one that it does not know, and for none. Pure. */
export function durationMs(text: string): number {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text) ?? [];
  return Number(count ?? 0) * (UNITS[unit] ?? 0);
}
