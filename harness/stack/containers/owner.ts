import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAlive, noteOf, type ProcessNote } from "../identity.ts";
import { ownerFile } from "../state.ts";

/** Notes in a stack's folder that this process brings its servers up, unless another one did that is still there. */
export function claim(stackDir: string): void {
  if (existsSync(ownerFile(stackDir)) && !isAbandoned(stackDir)) return;
  writeFileSync(ownerFile(stackDir), JSON.stringify(noteOf(process.pid)));
}

/** The servers were stopped on purpose: what they hold is to be kept. */
export function release(stackDir: string): void {
  rmSync(ownerFile(stackDir), { force: true });
}

/**
 * Whether nobody will ever stop a stack's containers: the process that brought them up is gone without having stopped
 * them, or the stack's folder is.
 */
export function isAbandoned(stackDir: string): boolean {
  if (!existsSync(stackDir)) return true;
  const file = ownerFile(stackDir);
  if (!existsSync(file)) return false;
  return !isAlive(JSON.parse(readFileSync(file, "utf8")) as ProcessNote);
}
