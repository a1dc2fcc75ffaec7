import { OperationError } from "../errors.ts";
import type { CsvPosition } from "./reader.ts";
import { CsvReader } from "./reader.ts";

/** A CSV file whose header has been read. */
export type CsvFile = {
  readonly path: string;
  readonly columns: readonly string[];
  /** Where the first row begins. */
  readonly start: CsvPosition;
};

/**
 * Reads a CSV file's header.
 * @throws OperationError that names the file, and what it lacks: the file itself, a header, or required columns
 */
export async function openCsv(path: string, required: readonly string[]): Promise<CsvFile> {
  const file = await readHeader(path);
  const missing = required.filter((name) => !file.columns.includes(name));
  if (missing.length > 0) {
    throw new OperationError(
      `${path}: no column ${missing.join(", ")}; its header has ${file.columns.slice(0, 40).join(", ")}`,
    );
  }
  return file;
}

async function readHeader(path: string): Promise<CsvFile> {
  let first: Awaited<ReturnType<CsvReader["read"]>>[number] | undefined;
  try {
    await using reader = await CsvReader.open(path);
    [first] = await reader.read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new OperationError(`${path}: no such file`);
    throw new OperationError(`${path}: cannot be read`, { cause: error });
  }
  if (first === undefined) throw new OperationError(`${path}: empty; expected a header line`);
  if (first.problem !== undefined) throw new OperationError(`${path}: its header line has ${first.problem}`);
  const columns = first.fields.map((name) => name.trim());
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new OperationError(`${path}: its header names the column ${twice} twice`);
  return { path, columns, start: first.end };
}
