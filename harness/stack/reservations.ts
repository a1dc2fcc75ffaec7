import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.ts";
import { choosePorts, type PortChoice, type Ports } from "./ports.ts";

/** Long enough for a server to start listening on the port that was chosen for it. */
const reservationMs = 120_000;

interface Reservation {
  readonly port: number;
  readonly stackDir: string;
  readonly untilMs: number;
}

/** Chooses ports as `choosePorts` does, and keeps other stacks that start at this moment from choosing the same. */
export async function reservePorts(cacheDir: string, stackDir: string, choice: PortChoice): Promise<Ports> {
  mkdirSync(cacheDir, { recursive: true });
  const file = join(cacheDir, "ports.json");
  return withLock(join(cacheDir, "ports.lock"), async () => {
    const others = readReservations(file).filter((one) => one.stackDir !== stackDir && one.untilMs > Date.now());
    const reserved = new Set(others.map(({ port }) => port));
    const ports = await choosePorts({
      ...choice,
      isFree: async (port) => !reserved.has(port) && (await choice.isFree(port)),
      holder: (port) => choice.holder(port) ?? (reserved.has(port) ? "another stack that is starting" : undefined),
    });
    const untilMs = Date.now() + reservationMs;
    const own = Object.values(ports).map((port) => ({ port, stackDir, untilMs }));
    writeFileSync(file, JSON.stringify([...others, ...own]));
    return ports;
  });
}

/** Ends a stack's reservations: its servers listen by now, or will not. */
export async function releasePorts(cacheDir: string, stackDir: string): Promise<void> {
  const file = join(cacheDir, "ports.json");
  await withLock(join(cacheDir, "ports.lock"), async () => {
    const others = readReservations(file).filter((one) => one.stackDir !== stackDir && one.untilMs > Date.now());
    writeFileSync(file, JSON.stringify(others));
  });
}

function readReservations(file: string): Reservation[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Reservation[];
  } catch {
    // Absent, or cut short by a kill: at worst two stacks that start at once choose one port, and one says it is busy.
    return [];
  }
}
