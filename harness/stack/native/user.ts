import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { OperationError } from "../../../src/errors.ts";
import type { UserId } from "./process.ts";

/**
 * The user that PostgreSQL runs as when we are root, which it refuses: the owner of its data if there is any, else the
 * system's `postgres`, else `nobody`. No user is created. `passwd` is the text of /etc/passwd.
 */
export function unprivilegedUser(passwd: string, dataOwner: UserId | undefined): UserId & { name: string } {
  const users = passwd.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
  const found =
    users.find(({ uid }) => uid !== 0 && uid === dataOwner?.uid) ??
    users.find(({ name }) => name === "postgres") ??
    users.find(({ name }) => name === "nobody");
  if (found === undefined) {
    throw new OperationError(
      "PostgreSQL does not run as root, and /etc/passwd has neither a user postgres nor nobody: create one, or run as another user",
    );
  }
  return found;
}

/** `unprivilegedUser` for data in a folder of this machine. */
export function userForData(folder: string): UserId & { name: string } {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return unprivilegedUser(readFileSync("/etc/passwd", "utf8"), stat && { uid: stat.uid, gid: stat.gid });
}

/** @throws OperationError that names the first folder on the way to `folder` that other users may not enter */
export function expectEnterable(folder: string, user: string, setting: string): void {
  const ancestors = [folder];
  while (dirname(ancestors[0] ?? "/") !== ancestors[0]) ancestors.unshift(dirname(ancestors[0] ?? "/"));
  for (const ancestor of ancestors) {
    const mode = statSync(ancestor, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && (mode & 0o001) === 0) {
      throw new OperationError(
        `PostgreSQL does not run as root but as ${user}, who may not enter ${ancestor} (mode ${(mode & 0o777).toString(8)}): chmod o+x it, or set ${setting} to a folder elsewhere`,
      );
    }
  }
}
