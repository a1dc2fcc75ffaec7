import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

const FLUSH_CHARACTERS = 1 << 18;

/**
 * Writes a CSV file as it goes, in bounded memory. The rows stand in `PATH.partial` until `close`, so an interrupted
 * run leaves no half file under the real name.
 */
export class CsvWriter implements Disposable {
  private pending: string[] = [];
  private pendingCharacters = 0;
  private file: number | undefined;

  constructor(
    private readonly path: string,
    header: readonly string[],
  ) {
    this.file = openSync(this.partial, "w");
    this.write(header);
  }

  write(fields: readonly string[]): void {
    this.writeLine(formatRow(fields));
  }

  /** Writes a row that `formatRow` made. */
  writeLine(row: string): void {
    this.pending.push(row, "\n");
    this.pendingCharacters += row.length;
    if (this.pendingCharacters >= FLUSH_CHARACTERS) this.flush();
  }

  /** Gives the file its name. */
  close(): void {
    this.flush();
    closeSync(this.file!);
    this.file = undefined;
    renameSync(this.partial, this.path);
  }

  /** Removes what was written, unless `close` came first. */
  [Symbol.dispose](): void {
    if (this.file === undefined) return;
    closeSync(this.file);
    this.file = undefined;
    rmSync(this.partial, { force: true });
  }

  private get partial(): string {
    return `${this.path}.partial`;
  }

  private flush(): void {
    const bytes = Buffer.from(this.pending.join(""));
    for (let written = 0; written < bytes.length; ) written += writeSync(this.file!, bytes, written);
    this.pending = [];
    this.pendingCharacters = 0;
  }
}

/** One row as CSV, without a line ending; fields are quoted where they must be. */
export function formatRow(fields: readonly string[]): string {
  return fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
}
