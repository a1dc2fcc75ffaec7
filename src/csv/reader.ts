import { isUtf8 } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { type Split, splitRecord } from "./split.ts";

const CHUNK_BYTES = 1 << 18;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = 0xefbbbf;

/** Where a record begins: bytes from the file's beginning, and its line's number, from 1. */
export type CsvPosition = { readonly offset: number; readonly line: number };

/** One record, or why it is none; `end` is where the next one begins. */
export type CsvRecord = { readonly line: number; readonly end: CsvPosition } & Split;

export type CsvReaderOptions = {
  /** A position that an earlier record ended at. */
  readonly from?: CsvPosition;
  /** How many fields a record has; one with more or fewer is a problem. */
  readonly columns?: number;
  /** Longer records are a problem. 1 MiB unless told. */
  readonly maxRecordBytes?: number;
};

/**
 * Reads a CSV file (RFC 4180, UTF-8, LF or CRLF) from any record on, a chunk at a time in bounded memory.
 * A bad record costs no good one: where its quotes do not add up, reading goes on at the very next line. csv-parse
 * cannot do that (after a quote out of place it no longer knows where it was), so records are framed here.
 */
export class CsvReader implements AsyncDisposable {
  private unread: Buffer = Buffer.alloc(0);
  private atEnd = false;
  /** Amid a line that is too long: drop everything up to its end. */
  private skipping = false;
  private readonly columns: number | undefined;
  private readonly maxRecordBytes: number;

  private constructor(
    private readonly file: FileHandle,
    /** Of the first unread byte. */
    private position: CsvPosition,
    options: CsvReaderOptions,
  ) {
    this.columns = options.columns;
    this.maxRecordBytes = options.maxRecordBytes ?? 1 << 20;
  }

  /** @throws Error of the file system where the file cannot be opened */
  static async open(path: string, options: CsvReaderOptions = {}): Promise<CsvReader> {
    return new CsvReader(await open(path), options.from ?? { offset: 0, line: 1 }, options);
  }

  /** The next records, some thousands at most; none at the end of the file. Blank lines are no records. */
  async read(): Promise<CsvRecord[]> {
    const records: CsvRecord[] = [];
    while (records.length === 0) {
      this.take(records);
      if (records.length > 0) break;
      if (this.atEnd) return [];
      await this.fill();
    }
    return records;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file.close();
  }

  private async fill(): Promise<void> {
    const kept = this.unread.length;
    const buffer = Buffer.allocUnsafe(kept + CHUNK_BYTES);
    this.unread.copy(buffer);
    const { bytesRead } = await this.file.read(buffer, kept, CHUNK_BYTES, this.position.offset + kept);
    this.atEnd = bytesRead === 0;
    this.unread = buffer.subarray(0, kept + bytesRead);
    if (this.position.offset === 0 && bytesRead >= 3 && buffer.readUIntBE(0, 3) === BYTE_ORDER_MARK) this.advance(3, 0);
  }

  private advance(bytes: number, lines: number): void {
    this.unread = this.unread.subarray(bytes);
    this.position = { offset: this.position.offset + bytes, line: this.position.line + lines };
  }

  /** Takes every record that is wholly there from the unread bytes. */
  private take(records: CsvRecord[]): void {
    if (this.skipping && !this.finishSkipping(records)) return;
    let start = 0;
    let { line } = this.position;
    const { offset } = this.position;
    while (start < this.unread.length) {
      const end = this.lineEnd(start);
      if (end === undefined) break;
      let last = end;
      let lines = 1;
      let split: Split;
      if (end - start > this.maxRecordBytes) split = this.tooLong();
      else {
        const text = this.text(start, end);
        if (text === "") split = { fields: [] };
        else if (!hasOpenQuote(text)) split = this.split(text, start, end);
        else {
          const whole = this.severalLines(start, end);
          if (whole === undefined) break;
          ({ last, lines, split } = whole);
        }
      }
      start = Math.min(last + 1, this.unread.length);
      if (split.problem !== undefined || split.fields.length > 0) {
        records.push({ line, end: { offset: offset + start, line: line + lines }, ...split });
      }
      line += lines;
    }
    this.advance(start, line - this.position.line);
    if (records.length === 0 && this.unread.length > this.maxRecordBytes && this.lineEnd(0) === undefined) {
      this.skipping = true;
      this.advance(this.unread.length, 0);
    }
  }

  /** Drops the rest of a line that is too long; false where its end is not there yet. */
  private finishSkipping(records: CsvRecord[]): boolean {
    const end = this.unread.indexOf(NEWLINE);
    const found = end >= 0;
    const { line } = this.position;
    this.advance(found ? end + 1 : this.unread.length, found || this.atEnd ? 1 : 0);
    if (!found && !this.atEnd) return false;
    this.skipping = false;
    records.push({ line, end: this.position, ...this.tooLong() });
    return true;
  }

  /**
   * A quoted field runs on over line ends until its quotes add up. If they never do, or make no record, this one line
   * is bad and the next ones stand for themselves: else a stray quote that meets another one further down would
   * swallow the good rows between.
   * @returns undefined where more must be read to tell
   */
  private severalLines(start: number, firstEnd: number): { last: number; lines: number; split: Split } | undefined {
    let end = firstEnd;
    for (let lines = 2; ; lines++) {
      const next = this.lineEnd(end + 1);
      if ((next ?? this.unread.length) - start > this.maxRecordBytes || (next === undefined && this.atEnd)) break;
      if (next === undefined) return undefined;
      const closes = hasOpenQuote(this.unread.toString("latin1", end + 1, next));
      end = next;
      if (!closes) continue;
      const split = this.split(this.text(start, end), start, end);
      if (split.problem !== undefined) break;
      return { last: end, lines, split };
    }
    return { last: firstEnd, lines: 1, split: { problem: "a quote that is never closed" } };
  }

  /** The index of the line's end; the file's last line may lack one. */
  private lineEnd(start: number): number | undefined {
    const found = this.unread.indexOf(NEWLINE, start);
    if (found >= 0) return found;
    return this.atEnd && start < this.unread.length ? this.unread.length : undefined;
  }

  private text(start: number, end: number): string {
    return this.unread.toString("utf8", start, end > start && this.unread[end - 1] === RETURN ? end - 1 : end);
  }

  private split(text: string, start: number, end: number): Split {
    // What is no UTF-8 was decoded to U+FFFD, which may as well stand there rightfully.
    if (text.includes("\ufffd") && !isUtf8(this.unread.subarray(start, end))) return { problem: "invalid UTF-8" };
    if (text.includes("\0")) return { problem: "a NUL character, which PostgreSQL's text cannot hold" };
    const split = splitRecord(text);
    if (split.problem !== undefined || this.columns === undefined || split.fields.length === this.columns) return split;
    return { problem: `${split.fields.length} columns, expected ${this.columns}` };
  }

  private tooLong(): Split {
    return { problem: `longer than ${this.maxRecordBytes} bytes` };
  }
}

function hasOpenQuote(text: string): boolean {
  let odd = false;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) odd = !odd;
  return odd;
}
