import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Path within the installation -> sha256 in hex. */
export type Checksums = ReadonlyMap<string, string>;

export interface ManifestEntry {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Reads lines as sha256sum writes them: the sum, two blanks, the path. */
export function parseChecksums(text: string): Checksums {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

export function formatChecksums(checksums: Checksums): string {
  const sorted = [...checksums].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([path, sha256]) => `${sha256}  ${path}\n`).join("");
}

/** Every difference between what is pinned and what came, one line each. Empty when they are the same. */
export function compareChecksums(expected: Checksums, got: Checksums): string[] {
  const paths = [...new Set([...expected.keys(), ...got.keys()])].sort();
  return paths.flatMap((path) => {
    const [pinned, came] = [expected.get(path), got.get(path)];
    if (pinned === came) return [];
    if (pinned === undefined) return [`${path}: expected no such file, got sha256 ${came}`];
    return [`${path}: expected sha256 ${pinned}, got ${came ?? "no file"}`];
  });
}

export function sha256Of(file: string): string {
  return new Bun.CryptoHasher("sha256").update(readFileSync(file)).digest("hex");
}

export function describeFile(root: string, path: string, sha256 = sha256Of(join(root, path))): ManifestEntry {
  const { size, mtimeMs } = statSync(join(root, path));
  return { path, sha256, bytes: size, modifiedMs: mtimeMs };
}

/**
 * Compares an installation with its manifest: by size and time of change, and by content where those differ, so that
 * it costs a millisecond when nothing was touched.
 */
export function findDamage(root: string, manifest: readonly ManifestEntry[]): string[] {
  return manifest.flatMap(({ path, sha256, bytes, modifiedMs }) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    if (stat === undefined) return [`${path}: expected sha256 ${sha256}, got no file`];
    if (stat.size === bytes && stat.mtimeMs === modifiedMs) return [];
    const got = sha256Of(join(root, path));
    return got === sha256 ? [] : [`${path}: expected sha256 ${sha256}, got ${got}`];
  });
}
