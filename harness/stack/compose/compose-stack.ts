import { type Config, type SettingName, settings, toEnvironment } from "../../../src/config.ts";
import { OperationError } from "../../../src/errors.ts";
import { thisMachine } from "../machine.ts";
import { loopback } from "../ports/ports.ts";
import { addressOf, statusAt } from "../probes.ts";
import {
  type Endpoints,
  type Server,
  type ServerName,
  type ServerStatus,
  type Stack,
  type StartResult,
  serverNames,
} from "../stack.ts";
import { postgresForConnect } from "./compose-file.ts";

/**
 * The whole compose file, Tidemark's own services included, by the program `docker compose` in the checkout: so an
 * override beside it, and COMPOSE_FILE, count as they do by hand.
 */
export class ComposeStack implements Stack {
  readonly provider = "containers";

  constructor(private readonly config: Config) {}

  async start(): Promise<StartResult> {
    const begun = performance.now();
    const before = await this.running();
    await this.run("up", "--detach", "--wait");
    const seconds = (performance.now() - begun) / 1000;
    const found = serverNames.filter((name) => before.includes(name));
    const started = serverNames.filter((name) => !before.includes(name));
    return { started, found, endpoints: this.endpoints, seconds };
  }

  async stop(options: { purge?: boolean } = {}): Promise<void> {
    await this.run("down", ...(options.purge ? ["--volumes"] : []));
  }

  async status(): Promise<ServerStatus[]> {
    const running = await this.running();
    const config: Config = { ...this.config, ...this.endpoints, postgresSslMode: "disable" };
    return Promise.all(
      serverNames.map((name) =>
        running.includes(name)
          ? statusAt(name, config)
          : { name, state: "down" as const, address: addressOf(name, config) },
      ),
    );
  }

  get endpoints(): Endpoints {
    const { postgresPort, kafkaPort, connectPort, elasticsearchPort } = this.config;
    return {
      ...loopback({
        postgres: postgresPort,
        kafka: kafkaPort,
        connect: connectPort,
        elasticsearch: elasticsearchPort,
      }),
      ...postgresForConnect,
    };
  }

  logs(name: ServerName): string {
    throw new OperationError(`the log of ${name} is Docker's: docker compose logs --follow ${name}`);
  }

  /** Prints the end of a server's log; with `follow`, also what is added, until the signal. */
  async printLogs(name: ServerName, options: { lines: number; follow: boolean }, signal: AbortSignal): Promise<void> {
    const flags = ["--no-log-prefix", "--tail", String(options.lines), ...(options.follow ? ["--follow"] : [])];
    const child = this.spawn(["logs", ...flags, name], "inherit");
    signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
    const code = await child.exited;
    if (code !== 0 && !signal.aborted) throw new OperationError(`docker compose logs failed (exit code ${code})`);
  }

  server(name: ServerName): Server {
    const run =
      (...args: string[]) =>
      async () => {
        await this.run(...args, name);
      };
    return {
      name,
      kill: run("kill"),
      pause: run("pause"),
      resume: run("unpause"),
      stop: run("stop"),
      start: run("up", "--detach", "--wait"),
      restart: run("restart"),
      pid: () => undefined,
    };
  }

  /** The services that run. */
  private async running(): Promise<string[]> {
    const output = await this.run("ps", "--services", "--status", "running");
    return output.split("\n").filter(Boolean);
  }

  /** Runs `docker compose`, whose progress goes to our stderr. @returns what it wrote to stdout */
  private async run(...args: string[]): Promise<string> {
    const child = this.spawn(args, "pipe");
    const output = await new Response(child.stdout).text();
    if ((await child.exited) === 0) return output;
    throw new OperationError(
      `docker compose ${args.join(" ")} failed (exit code ${child.exitCode}); where it knows no such command, install Docker's compose plugin, version 2`,
    );
  }

  private spawn<Output extends "pipe" | "inherit">(args: readonly string[], stdout: Output) {
    if (Bun.which("docker") === null) throw new OperationError("STACK_PROVIDER=containers needs Docker: install it");
    const { checkout, environment } = thisMachine();
    return Bun.spawn(["docker", "compose", ...args], {
      cwd: checkout,
      env: { ...environment, ...givenSettings(this.config) },
      stdout,
      stderr: "inherit",
    });
  }
}

/** The settings that were given, by flag or environment: the others are the compose file's own defaults. */
function givenSettings(config: Config): Record<string, string> {
  const all = toEnvironment(config);
  const names = [...config.explicit].map((name: SettingName) => settings[name].env);
  return Object.fromEntries(names.map((name) => [name, all[name] ?? ""]));
}
