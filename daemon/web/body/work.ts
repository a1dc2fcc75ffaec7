import type { Table } from "../../../src/tables.ts";
import { Failure } from "../answer/failure.ts";
import type { Fields } from "./fields.ts";

/** A check or a heal that is asked for; times in milliseconds since 1970. */
export type Wanted = {
  readonly table?: string;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly deep: boolean;
  readonly confirm: boolean;
};

/** Reads a WorkRequest. @throws Failure 400 */
export function readWanted(fields: Fields, tables: readonly Table[]): Wanted {
  const wanted = {
    table: fields.optionalChoice(
      "table",
      tables.map(({ name }) => name),
    ),
    fromMs: fields.optionalTime("from"),
    toMs: fields.optionalTime("to"),
    deep: fields.optionalFlag("deep") ?? false,
    confirm: fields.optionalFlag("confirm") ?? false,
  };
  fields.end();
  if (wanted.fromMs !== undefined && wanted.toMs !== undefined && wanted.fromMs >= wanted.toMs) {
    throw new Failure(400, "from is not before to", "an interval");
  }
  return wanted;
}
