import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { OperationError } from "../../src/errors.ts";
import { holderFile } from "./lock.ts";
import type { Ports } from "./ports/ports.ts";
import { serverNames } from "./stack.ts";

export function lockFile(stackDir: string): string {
  return join(stackDir, "lock");
}

function portsFile(stackDir: string): string {
  return join(stackDir, "ports.json");
}

/** Which process brought up the containers of the stack `containers`. */
export function ownerFile(stackDir: string): string {
  return join(stackDir, "owner.json");
}

/** The ports that this stack used last; undefined when it was never started. */
export function readPorts(stackDir: string): Ports | undefined {
  const file = portsFile(stackDir);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Ports) : undefined;
}

/** Remembers the ports, whole or not at all. */
export function writePorts(stackDir: string, ports: Ports): void {
  writeFileSync(`${portsFile(stackDir)}.new`, JSON.stringify(ports));
  renameSync(`${portsFile(stackDir)}.new`, portsFile(stackDir));
}

/** Every name that a stack makes in its folder. */
const ownEntries = (stackDir: string) => [
  ...[...serverNames, "pgadmin"].map((name) => join(stackDir, name)),
  portsFile(stackDir),
  ownerFile(stackDir),
  holderFile(lockFile(stackDir)),
  // SQLite's, while the lock is held.
  `${lockFile(stackDir)}-journal`,
  lockFile(stackDir),
];

/** Makes the stack's folder. @throws OperationError when it holds anything that is not a stack's */
export function createStackDir(stackDir: string): void {
  // Others may pass through, to the data of a user of its own, but not list it.
  mkdirSync(stackDir, { recursive: true, mode: 0o711 });
  const own = new Set([...ownEntries(stackDir), `${portsFile(stackDir)}.new`]);
  const foreign = readdirSync(stackDir).filter((name) => !own.has(join(stackDir, name)));
  if (foreign.length > 0) {
    throw new OperationError(
      `${stackDir} is no stack's folder: it holds ${foreign.slice(0, 3).join(", ")}. Set STACK_DIR to an empty or new one`,
    );
  }
}

/** Removes what a stack made, and its folder. Nothing else is touched: STACK_DIR may have named any folder. */
export function removeStackDir(stackDir: string): void {
  for (const path of ownEntries(stackDir)) rmSync(path, { recursive: true, force: true });
  if (existsSync(stackDir) && readdirSync(stackDir).length === 0) rmdirSync(stackDir);
}
