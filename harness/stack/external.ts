import type { Config } from "../../src/config.ts";
import { OperationError, UnreachableError } from "../../src/errors.ts";
import { statusAt } from "./probes.ts";
import {
  type Endpoints,
  type Server,
  type ServerName,
  type ServerStatus,
  type Stack,
  type StartResult,
  serverNames,
} from "./stack.ts";

/** Servers that somebody else runs, at the addresses that the settings name. Their processes are not ours to control. */
export class ExternalStack implements Stack {
  readonly provider = "external";

  constructor(private readonly config: Config) {}

  /** Checks that all four answer. @throws UnreachableError that names each that does not, and why */
  async start(): Promise<StartResult> {
    const begun = performance.now();
    const away = (await this.status()).filter(({ state }) => state !== "ready");
    if (away.length > 0) {
      const lines = away.map(({ name, address, reason }) => `${name} at ${address}: ${reason}`);
      throw new UnreachableError(
        `STACK_PROVIDER=external, and of its servers ${away.length} did not answer; start them, or correct their addresses:\n  ${lines.join("\n  ")}`,
      );
    }
    const seconds = (performance.now() - begun) / 1000;
    return { started: [], found: serverNames, endpoints: this.endpoints, seconds };
  }

  /** Leaves the servers as they are. @throws OperationError when asked to purge */
  async stop(options: { purge?: boolean } = {}): Promise<void> {
    if (options.purge) throw refusal("purge the data of the servers");
  }

  status(): Promise<ServerStatus[]> {
    return Promise.all(serverNames.map((name) => statusAt(name, this.config)));
  }

  get endpoints(): Endpoints {
    const { postgresHost, postgresPort, kafkaBrokers, connectUrl, elasticsearchUrl } = this.config;
    const { connectPostgresHost, connectPostgresPort } = this.config;
    return {
      postgresHost,
      postgresPort,
      kafkaBrokers,
      connectUrl,
      connectPostgresHost,
      connectPostgresPort,
      elasticsearchUrl,
    };
  }

  logs(name: ServerName): string {
    throw refusal(`read the log of ${name}`);
  }

  server(name: ServerName): Server {
    const refuse = (verb: string) => async () => {
      throw refusal(`${verb} ${name}`);
    };
    const verbs = { kill: refuse("kill"), pause: refuse("pause"), resume: refuse("resume") };
    return {
      name,
      ...verbs,
      stop: refuse("stop"),
      start: refuse("start"),
      restart: refuse("restart"),
      pid: () => undefined,
    };
  }
}

function refusal(what: string): OperationError {
  return new OperationError(
    `cannot ${what}: STACK_PROVIDER=external, so somebody else runs it. Do it there, or use STACK_PROVIDER=native or containers`,
  );
}
