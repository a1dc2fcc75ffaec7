/** A streamed PostgreSQL table. Declaring one here is all it takes to stream, index and verify it. */
export type Table = {
  /** Name in PostgreSQL's schema `public`. */
  readonly name: string;
  /** Columns of the primary key, in its order: they make the document's id. */
  readonly key: readonly string[];
  /** The timestamptz column whose values sort rows into buckets. It should not change once a row is written. */
  readonly timeColumn: string;
  /** Text columns that are searched by words, and so get a `text` subfield. */
  readonly searchColumns?: readonly string[];
  /** A `geo_point` field made from two columns. */
  readonly point?: { readonly field: string; readonly latitude: string; readonly longitude: string };
};

export const tables: readonly Table[] = [
  { name: "clicks", key: ["id"], timeColumn: "created_at", searchColumns: ["search_keywords"] },
  {
    name: "transactions",
    key: ["id"],
    timeColumn: "created_at",
    point: {
      field: "shipment_location",
      latitude: "shipment_location_lat",
      longitude: "shipment_location_long",
    },
  },
  {
    name: "customers",
    key: ["customer_id"],
    timeColumn: "created_at",
    point: { field: "home_point", latitude: "home_location_lat", longitude: "home_location_long" },
  },
  { name: "products", key: ["id"], timeColumn: "created_at", searchColumns: ["product_display_name"] },
];

/** The alias through which a table's index is read and written. */
export function indexAlias(indexPrefix: string, table: Table): string {
  return `${indexPrefix}${table.name}_index`;
}

/** The topic that Debezium writes a table's changes to. */
export function topicOf(topicPrefix: string, table: Pick<Table, "name">): string {
  return `${topicPrefix}.public.${table.name}`;
}
