import { OperationError } from "../errors.ts";
import { convertField, type FieldKind } from "./convert.ts";
import { type CsvRecord, readRecords } from "./records.ts";

/** Columns that a file may have, with what they hold: name in the file, name in the table, kind. */
export type Shape = readonly { readonly field: string; readonly column: string; readonly kind: FieldKind }[];

/** A shape from `name: kind`; names in camelCase become snake_case columns. */
export function shapeOf(fields: Readonly<Record<string, FieldKind>>): Shape {
  return Object.entries(fields).map(([field, kind]) => ({
    field,
    column: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    kind,
  }));
}

/** A file's header, and where its first record starts. */
export type Header = { readonly fields: readonly string[]; readonly byte: number; readonly linesRead: number };

/** Reads a file's header. @throws OperationError where the file is missing or empty */
export async function readHeader(path: string): Promise<Header> {
  try {
    for await (const [first] of readRecords(path, { byte: 0, linesRead: 0 })) {
      if (first !== undefined) return headerOf(path, first);
    }
  } catch (error) {
    if (error instanceof OperationError) throw error;
    throw new OperationError(`${path} cannot be read; expected a CSV file with a header`, { cause: error });
  }
  throw new OperationError(`${path} is empty; expected a CSV file with a header`);
}

function headerOf(path: string, first: CsvRecord): Header {
  if (first.fields === null) throw new OperationError(`${path}: no header in line ${first.line}: ${first.reason}`);
  const fields = first.fields.map((field) => field.trim());
  const twice = fields.find((field, index) => fields.indexOf(field) !== index);
  if (twice !== undefined) throw new OperationError(`${path}: the column ${twice} stands twice in the header`);
  return { fields, byte: first.end, linesRead: first.linesRead };
}

/** @throws OperationError that names every field which the header lacks */
export function requireFields(path: string, header: Header, needed: readonly string[]): void {
  const missing = needed.filter((field) => !header.fields.includes(field));
  if (missing.length === 0) return;
  throw new OperationError(
    `${path} lacks the columns ${missing.join(", ")}; its header has ${header.fields.join(", ")}`,
  );
}

/** How a file's fields become a table's columns. */
export type Conversion = {
  /** The table's columns, in the order of the values. */
  readonly columns: readonly string[];
  /** @returns the values, or a reason why the record is none */
  readonly convert: (fields: readonly string[]) => readonly (string | null)[] | string;
};

/**
 * Matches a header with a shape, by name. Fields that the shape does not know are passed over.
 * @param optional fields that a file may lack
 * @throws OperationError that names every missing field
 */
export function conversionOf(path: string, header: Header, shape: Shape, optional: readonly string[] = []): Conversion {
  const present = shape.filter(({ field }) => header.fields.includes(field));
  const needed = shape.map(({ field }) => field).filter((field) => !optional.includes(field));
  requireFields(path, header, needed);
  const sources = present.map(({ field, kind }) => ({ at: header.fields.indexOf(field), field, kind }));
  return {
    columns: present.map(({ column }) => column),
    convert(fields) {
      const values: (string | null)[] = [];
      for (const { at, field, kind } of sources) {
        try {
          values.push(convertField(kind, fields[at] as string));
        } catch (error) {
          return `${field}: ${(error as Error).message}`;
        }
      }
      return values;
    },
  };
}
