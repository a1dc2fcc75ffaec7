import { lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OperationError } from "../../../src/errors.ts";
import { isAlive, noteOf, type ProcessNote } from "../identity.ts";
import { withLock } from "../lock.ts";
import { choosePorts, isPortFree, type PortChoice, type Ports } from "./ports.ts";

/**
 * A port of a stack, which nobody else is to take while that stack is in use, even when the port's server is down; with
 * the process that started the stack.
 */
interface Reservation extends ProcessNote {
  readonly port: number;
  readonly stackDir: string;
}

/**
 * Where the stacks of this user note their ports: one place for all, whatever folders they have. What is noted counts
 * while processes run, so a restart of the machine may empty it.
 * @throws OperationError when somebody else owns it
 */
export function reservationsFolder(): string {
  const user = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `tidemark-ports-${user}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (found.isDirectory() && found.uid === user) return folder;
  throw new OperationError(`${folder} was made by somebody else: remove it, or set TMPDIR to a folder of your own`);
}

/** Chooses ports as `choosePorts` does, and none that another stack has, be it starting, running or with servers down. */
export async function reservePorts(folder: string, stackDir: string, choice: PortChoice): Promise<Ports> {
  return withLock(join(folder, "lock"), async () => {
    const others = await heldByOthers(folder, stackDir);
    const holders = new Map(others.map((one) => [one.port, `the stack in ${one.stackDir}`]));
    const ports = await choosePorts({
      ...choice,
      isFree: async (port) => !holders.has(port) && (await choice.isFree(port)),
      holder: (port) => choice.holder(port) ?? holders.get(port),
    });
    const starter = noteOf(process.pid);
    const own = Object.values(ports).map((port) => ({ port, stackDir, ...starter }));
    writeReservations(folder, [...others, ...own]);
    return ports;
  });
}

/** Ends a stack's reservations: it has stopped. */
export async function releasePorts(folder: string, stackDir: string): Promise<void> {
  await withLock(join(folder, "lock"), async () => {
    writeReservations(folder, await heldByOthers(folder, stackDir));
  });
}

/** Those whose stack is in use: the process that started it is there, or something listens on one of its ports. */
async function heldByOthers(folder: string, stackDir: string): Promise<Reservation[]> {
  const stacks = Map.groupBy(readReservations(folder), (one) => one.stackDir);
  stacks.delete(stackDir);
  const held = await Promise.all([...stacks.values()].map(async (own) => ((await isInUse(own)) ? own : [])));
  return held.flat();
}

async function isInUse(reservations: readonly Reservation[]): Promise<boolean> {
  if (reservations.some(isAlive)) return true;
  const free = await Promise.all(reservations.map(({ port }) => isPortFree(port)));
  return free.includes(false);
}

function readReservations(folder: string): Reservation[] {
  try {
    return JSON.parse(readFileSync(join(folder, "ports.json"), "utf8")) as Reservation[];
  } catch {
    // Absent, or cut short by a kill: at worst two stacks that start at once choose one port, and one says it is busy.
    return [];
  }
}

function writeReservations(folder: string, reservations: readonly Reservation[]): void {
  writeFileSync(join(folder, "ports.json"), JSON.stringify(reservations));
}
