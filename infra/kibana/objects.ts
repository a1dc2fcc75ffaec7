import { indexAlias, type Table, tables } from "../../src/tables.ts";
import { CLICKS, panels, TIME, TRANSACTIONS } from "./panels.ts";

/** Kibana refuses objects of a later version than its own, and migrates those of an earlier one. */
export const VERSIONS = { core: "8.8.0", dashboard: "10.2.0", "index-pattern": "8.0.0" } as const;

export type SavedObject = {
  readonly id: string;
  readonly type: "dashboard" | "index-pattern";
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly { readonly type: string; readonly id: string; readonly name: string }[];
  readonly managed: false;
  readonly coreMigrationVersion: string;
  readonly typeMigrationVersion: string;
};

/** Two data views and the dashboard on them. Their ids are fixed, so that importing them again replaces them. */
export function savedObjects(indexPrefix: string): readonly SavedObject[] {
  const title = "Tidemark";
  const attributes = {
    title,
    description: "Clicks and transactions of the shop, live.",
    version: 1,
    timeRestore: true,
    timeFrom: "now-1h",
    timeTo: "now",
    refreshInterval: { pause: false, value: 5_000 },
    kibanaSavedObjectMeta: {
      searchSourceJSON: JSON.stringify({ query: { query: "", language: "kuery" }, filter: [] }),
    },
    optionsJSON: JSON.stringify({
      useMargins: true,
      syncColors: false,
      syncCursor: true,
      syncTooltips: false,
      hidePanelTitles: false,
    }),
    panelsJSON: JSON.stringify(panels.map(({ json }) => json)),
  };
  const references = panels.flatMap(({ json, references }) =>
    references.map((reference) => ({ ...reference, name: `${json.panelIndex}:${reference.name}` })),
  );
  return [
    dataView(CLICKS, "Clicks", indexPrefix, "clicks"),
    dataView(TRANSACTIONS, "Transactions", indexPrefix, "transactions"),
    savedObject("dashboard", "tidemark", attributes, references),
  ];
}

function dataView(id: string, name: string, indexPrefix: string, tableName: string): SavedObject {
  const table = tables.find((one) => one.name === tableName) as Table;
  return savedObject("index-pattern", id, { title: indexAlias(indexPrefix, table), name, timeFieldName: TIME }, []);
}

function savedObject(
  type: SavedObject["type"],
  id: string,
  attributes: SavedObject["attributes"],
  references: SavedObject["references"],
): SavedObject {
  return {
    id,
    type,
    attributes,
    references,
    managed: false,
    coreMigrationVersion: VERSIONS.core,
    typeMigrationVersion: VERSIONS[type],
  };
}

/** The objects as a file that Kibana imports: one a line. */
export function toNdjson(objects: readonly SavedObject[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join("");
}
