/** A column of a Lens layer, as Kibana stores it. Lens state is not checked by Kibana's import: check.ts does. */
export type Column = {
  readonly label: string;
  readonly customLabel: true;
  readonly dataType: "number" | "string" | "date";
  readonly operationType: "count" | "sum" | "unique_count" | "terms" | "date_histogram";
  readonly scale: "ratio" | "ordinal" | "interval";
  readonly sourceField: string;
  readonly isBucketed: boolean;
  readonly params: Readonly<Record<string, unknown>>;
};

/** Lens's name for "all documents". */
export const RECORDS = "___records___";

export function count(label: string): Column {
  return metric("count", RECORDS, label, {});
}

export function sum(field: string, label: string): Column {
  return metric("sum", field, label, { format: { id: "number", params: { decimals: 0 } } });
}

export function distinct(field: string, label: string): Column {
  return metric("unique_count", field, label, {});
}

function metric(
  operationType: Column["operationType"],
  sourceField: string,
  label: string,
  params: Column["params"],
): Column {
  const base = { label, customLabel: true, dataType: "number", isBucketed: false, scale: "ratio" } as const;
  return { ...base, operationType, sourceField, params: { emptyAsNull: operationType !== "count", ...params } };
}

/** The most frequent values of a field. @param by id of the column that ranks them */
export function top(field: string, size: number, by: string, label: string): Column {
  return {
    label,
    customLabel: true,
    dataType: "string",
    operationType: "terms",
    scale: "ordinal",
    sourceField: field,
    isBucketed: true,
    params: {
      size,
      orderBy: { type: "column", columnId: by },
      orderDirection: "desc",
      otherBucket: false,
      missingBucket: false,
      parentFormat: { id: "terms" },
      include: [],
      exclude: [],
      includeIsRegex: false,
      excludeIsRegex: false,
    },
  };
}

/** Spans of time. @param interval `1m`, `10m` */
export function every(interval: string, field: string, label: string): Column {
  return {
    label,
    customLabel: true,
    dataType: "date",
    operationType: "date_histogram",
    scale: "interval",
    sourceField: field,
    isBucketed: true,
    params: { interval, includeEmptyRows: true, dropPartials: false },
  };
}
