import { connect } from "node:net";
import { OperationError } from "../../../src/errors.ts";
import type { Endpoints, ServerName } from "../stack.ts";

export const portNames = ["postgres", "kafka", "kafkaController", "connect", "elasticsearch"] as const;
export type PortName = (typeof portNames)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** The port that each server usually has. */
export const usualPorts: Ports = {
  postgres: 5432,
  kafka: 9092,
  kafkaController: 9093,
  connect: 8083,
  elasticsearch: 9200,
};

export interface PortChoice {
  /** Asked for by a setting, with that setting's name: this port or none. */
  readonly requested: Partial<Record<PortName, { port: number; setting: string }>>;
  /** What the stack used last. */
  readonly remembered: Partial<Ports>;
  readonly isFree: (port: number) => Promise<boolean>;
  /** Who listens on a port, in words; undefined when that cannot be known. */
  readonly holder: (port: number) => string | undefined;
  readonly onMoved: (line: string) => void;
}

/** How far above a busy port a free one is looked for: 5432, then 15432, 15433, ... all below the ephemeral ports. */
const offset = 10_000;
const attempts = 200;

/**
 * Chooses a port for each server: the one asked for, else the one used last, else the usual one, else a free one.
 * @throws OperationError when a port that was asked for is busy
 */
export async function choosePorts(choice: PortChoice): Promise<Ports> {
  const chosen: Partial<Record<PortName, number>> = {};
  for (const name of portNames) chosen[name] = await choosePort(name, choice, new Set(Object.values(chosen)));
  return chosen as Ports;
}

async function choosePort(name: PortName, choice: PortChoice, own: ReadonlySet<number>): Promise<number> {
  const { requested, remembered, isFree, holder, onMoved } = choice;
  const usable = async (port: number) => !own.has(port) && (await isFree(port));
  const heldBy = (port: number) =>
    own.has(port) ? "another server of this stack" : (holder(port) ?? "another program");
  const asked = requested[name];
  if (asked !== undefined) {
    if (await usable(asked.port)) return asked.port;
    throw new OperationError(
      `${asked.setting} asks for port ${asked.port} for ${name}, which ${heldBy(asked.port)} uses: free it, or give another port`,
    );
  }
  const first = remembered[name] ?? usualPorts[name];
  if (await usable(first)) return first;
  for (let port = usualPorts[name] + offset; port < usualPorts[name] + offset + attempts; port++) {
    if (!(await usable(port))) continue;
    onMoved(`port ${first} for ${name} is used by ${heldBy(first)}: taking ${port}`);
    return port;
  }
  throw new OperationError(
    `no free port for ${name}: tried ${first} and ${usualPorts[name] + offset} to ${usualPorts[name] + offset + attempts - 1}`,
  );
}

/** The server that listens on a port. */
export function serverOf(port: PortName): ServerName {
  return port === "kafkaController" ? "kafka" : port;
}

/** Where clients on this machine reach servers with these ports. */
export function loopback(
  ports: Omit<Ports, "kafkaController">,
): Omit<Endpoints, "connectPostgresHost" | "connectPostgresPort"> {
  return {
    postgresHost: "127.0.0.1",
    postgresPort: ports.postgres,
    kafkaBrokers: `127.0.0.1:${ports.kafka}`,
    connectUrl: `http://127.0.0.1:${ports.connect}`,
    elasticsearchUrl: `http://127.0.0.1:${ports.elasticsearch}`,
  };
}

/**
 * Whether nothing listens on a port of 127.0.0.1, for that address or for all. Asked by connecting: listening would
 * fail for a minute after a server was killed, while its last connections linger.
 */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    await expectListening(port);
    return false;
  } catch (error) {
    return ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code === "ECONNREFUSED";
  }
}

/** @throws Error unless 127.0.0.1 takes a connection on that port within a second */
export function expectListening(port: number, host = "127.0.0.1"): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const fail = (cause: NodeJS.ErrnoException) => {
      socket.destroy();
      const reason = cause.code ?? cause.message;
      reject(new Error(`nothing accepts connections at ${host}:${port} (${reason})`, { cause }));
    };
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("timeout", () => fail(new Error("no answer within 1 s")));
    socket.once("error", fail);
  });
}
