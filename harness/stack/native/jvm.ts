import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Java } from "../install/java.ts";

/**
 * Flags that make a JVM's later starts faster by an archive of its classes. Without one the JVM writes it as it ends,
 * into the server's own folder, with a note of its place in the cache; `keepArchive` moves it there, whole, for all
 * stacks. Its name tells servers and JDKs apart, the installation's folder versions.
 */
export function archiveFlags(archives: string, folder: string, server: string, java: Java): string[] {
  const archive = join(archives, `${server}-${java.version}-${Bun.hash(java.home).toString(16)}.jsa`);
  writeFileSync(join(folder, "classes.place"), archive);
  const flag = existsSync(archive) ? "SharedArchiveFile" : "ArchiveClassesAtExit";
  const file = existsSync(archive) ? archive : join(folder, "classes.jsa");
  // An archive that does not fit is passed over, silently but for errors.
  return [`-XX:${flag}=${file}`, "-Xshare:auto", "-Xlog:disable", "-Xlog:all=error:stderr"];
}

/** Moves an archive into the cache, after a server ended by itself: one that was killed may have written half. */
export function keepArchive(folder: string): void {
  const written = join(folder, "classes.jsa");
  if (!existsSync(written)) return;
  const archive = readFileSync(join(folder, "classes.place"), "utf8");
  // The cache may have been emptied meanwhile.
  if (existsSync(dirname(archive))) renameSync(written, archive);
}
