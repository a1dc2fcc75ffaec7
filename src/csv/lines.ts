import { open } from "node:fs/promises";

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A physical line without its line end (`\r\n` where `returned`). `bytes` is null for one longer than the limit. */
export type Line = {
  readonly bytes: Uint8Array | null;
  readonly returned: boolean;
  readonly start: number;
  readonly end: number;
};

/**
 * Reads a file's lines from a byte position on, many at a time; the last needs no line end.
 * @param maxBytes a longer line is passed over without being kept
 */
export async function* readLines(path: string, from: number, maxBytes: number): AsyncGenerator<readonly Line[]> {
  const file = await open(path);
  try {
    let rest: Uint8Array = new Uint8Array(0);
    let restStart = from;
    let overlong = false;
    for (let position = from; ; ) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
      if (bytesRead === 0) break;
      const data = concat(rest, chunk.subarray(0, bytesRead));
      const dataStart = position - rest.length;
      position += bytesRead;
      const lines: Line[] = [];
      let at = 0;
      for (let newline = data.indexOf(NEWLINE); newline >= 0; newline = data.indexOf(NEWLINE, at)) {
        const start = overlong ? restStart : dataStart + at;
        const bytes = overlong || newline - at > maxBytes ? null : data.subarray(at, newline);
        lines.push({ ...withoutReturn(bytes), start, end: dataStart + newline + 1 });
        at = newline + 1;
        overlong = false;
        restStart = dataStart + at;
      }
      rest = data.slice(at);
      if (rest.length > maxBytes) {
        overlong = true;
        rest = new Uint8Array(0);
      }
      if (lines.length > 0) yield lines;
    }
    const { size } = await file.stat();
    if (overlong) yield [{ bytes: null, returned: false, start: restStart, end: size }];
    else if (rest.length > 0) yield [{ ...withoutReturn(rest), start: restStart, end: restStart + rest.length }];
  } finally {
    await file.close();
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  return first.length === 0 ? second : Buffer.concat([first, second]);
}

function withoutReturn(bytes: Uint8Array | null): { bytes: Uint8Array | null; returned: boolean } {
  const returned = bytes?.at(-1) === RETURN;
  return { bytes: returned ? bytes.subarray(0, -1) : bytes, returned };
}
