import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

/** The end of a log that is worth showing, at most. */
const mostBytes = 1024 * 1024;

/** The last lines of a file, of those after a position in bytes; empty when there is no such file. */
export function readTail(file: string, lines: number, fromByte = 0): string {
  const size = fileSize(file);
  // A log that was set aside since then starts anew.
  const start = Math.max(fromByte > size ? 0 : fromByte, size - mostBytes);
  const text = size === 0 ? "" : readBytes(file, start, size).toString().trimEnd();
  return lines === 0 ? "" : text.split("\n").slice(-lines).join("\n");
}

/** Calls `print` with what is appended to a file, until the signal is aborted. Follows a log that was set aside. */
export async function follow(file: string, print: (text: string) => void, signal: AbortSignal): Promise<void> {
  let position = fileSize(file);
  while (!signal.aborted) {
    const size = fileSize(file);
    if (size < position) position = 0;
    if (size > position) {
      const bytes = readBytes(file, position, Math.min(size, position + mostBytes));
      print(bytes.toString());
      position += bytes.length;
    } else {
      await Bun.sleep(200);
    }
  }
}

export function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function readBytes(file: string, from: number, to: number): Buffer {
  const handle = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(Math.max(0, Math.min(to, fstatSync(handle).size) - from));
    return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, from));
  } finally {
    closeSync(handle);
  }
}
