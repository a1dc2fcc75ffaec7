import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A row that waits to be sorted: by time, and by its line where times are equal. Its text is one string: thirteen cost far more. */
export type TimedRow = { readonly micros: number; readonly line: number; readonly text: string };

/** What a row costs in memory beside its text, roughly. */
const ROW_OVERHEAD_BYTES = 100;
/** Runs are merged into one beyond so many, so that open files and their buffers stay few. */
const MAX_RUNS = 24;
const READ_BYTES = 1 << 16;
const WRITE_ROWS = 2000;

/**
 * Sorts any number of rows by time in bounded memory: what does not fit goes to temporary files in sorted runs, which
 * are merged in the end.
 */
export class TimeSorter implements Disposable {
  private rows: TimedRow[] = [];
  private bytes = 0;
  private runs: string[] = [];
  private nextRun = 0;
  private folder: string | undefined;
  /** The least time added so far, in microseconds since 1970. */
  earliest = Number.POSITIVE_INFINITY;

  /** @param memoryBytes how much may be held before it is written out */
  constructor(private readonly memoryBytes: number = 8 << 20) {}

  add(row: TimedRow): void {
    this.rows.push(row);
    this.earliest = Math.min(this.earliest, row.micros);
    this.bytes += ROW_OVERHEAD_BYTES + row.text.length;
    if (this.bytes < this.memoryBytes) return;
    this.spill(this.takeSorted());
    // Left to itself the collector lets several such heaps pile up: 270 MB instead of 190 for 3 million rows.
    Bun.gc(true);
    if (this.runs.length >= MAX_RUNS) this.mergeRuns();
  }

  /** Every row that was added, in order. */
  *sorted(): Generator<TimedRow> {
    if (this.runs.length === 0) {
      yield* this.takeSorted();
      return;
    }
    this.spill(this.takeSorted());
    yield* merge(this.runs);
  }

  [Symbol.dispose](): void {
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  private takeSorted(): TimedRow[] {
    const rows = this.rows.sort(compare);
    this.rows = [];
    this.bytes = 0;
    return rows;
  }

  private spill(rows: readonly TimedRow[]): void {
    using run = this.createRun();
    for (const row of rows) run.write(row);
  }

  private mergeRuns(): void {
    const merged = this.runs.splice(0);
    using run = this.createRun();
    for (const row of merge(merged)) run.write(row);
    for (const path of merged) rmSync(path);
  }

  private createRun(): RunWriter {
    this.folder ??= mkdtempSync(join(tmpdir(), "tidemark-sort-"));
    const path = join(this.folder, String(this.nextRun++));
    this.runs.push(path);
    return new RunWriter(path);
  }
}

/** Rows as lines of JSON, which may hold line breaks in their text. */
class RunWriter implements Disposable {
  private readonly file: number;
  private lines: string[] = [];

  constructor(path: string) {
    this.file = openSync(path, "w");
  }

  write(row: TimedRow): void {
    this.lines.push(`${JSON.stringify([row.micros, row.line, row.text])}\n`);
    if (this.lines.length >= WRITE_ROWS) this.flush();
  }

  [Symbol.dispose](): void {
    this.flush();
    closeSync(this.file);
  }

  private flush(): void {
    const bytes = Buffer.from(this.lines.join(""));
    for (let written = 0; written < bytes.length; ) written += writeSync(this.file, bytes, written);
    this.lines = [];
  }
}

/** A run's rows, a chunk at a time. (Read with `readSync`: it is local disk, and a plain descriptor is surely closed.) */
function* readRun(path: string): Generator<TimedRow[]> {
  const file = openSync(path, "r");
  try {
    let rest = Buffer.alloc(0);
    for (;;) {
      const buffer = Buffer.allocUnsafe(rest.length + READ_BYTES);
      rest.copy(buffer);
      const bytesRead = readSync(file, buffer, rest.length, READ_BYTES, null);
      if (bytesRead === 0) return;
      const filled = buffer.subarray(0, rest.length + bytesRead);
      const end = filled.lastIndexOf(0x0a) + 1;
      rest = filled.subarray(end);
      if (end === 0) continue;
      const lines = filled.toString("utf8", 0, end - 1).split("\n");
      yield lines.map((line) => {
        const [micros, number, text] = JSON.parse(line) as [number, number, string];
        return { micros, line: number, text };
      });
    }
  } finally {
    closeSync(file);
  }
}

type Head = { rows: TimedRow[]; at: number; readonly run: Generator<TimedRow[]> };

function* merge(runs: readonly string[]): Generator<TimedRow> {
  const heads: Head[] = [];
  for (const path of runs) {
    const head: Head = { rows: [], at: 0, run: readRun(path) };
    if (refill(head)) heads.push(head);
  }
  while (heads.length > 0) {
    let least = heads[0]!;
    for (const head of heads) if (compare(head.rows[head.at]!, least.rows[least.at]!) < 0) least = head;
    yield least.rows[least.at++]!;
    if (least.at === least.rows.length && !refill(least)) heads.splice(heads.indexOf(least), 1);
  }
}

function refill(head: Head): boolean {
  const next = head.run.next();
  head.rows = next.done ? [] : next.value;
  head.at = 0;
  return head.rows.length > 0;
}

function compare(a: TimedRow, b: TimedRow): number {
  return a.micros - b.micros || a.line - b.line;
}
