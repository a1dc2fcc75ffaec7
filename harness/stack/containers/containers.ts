import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { type Config, toEnvironment } from "../../../src/config.ts";
import { messageOf, OperationError } from "../../../src/errors.ts";
import { readService } from "../compose/compose-file.ts";
import { withLock } from "../lock.ts";
import { portHolder } from "../port-holder.ts";
import { isPortFree, type Ports } from "../ports.ts";
import { probeConnect, probeElasticsearch, probeKafka, probePostgres } from "../probes.ts";
import { requestedPorts } from "../requested-ports.ts";
import { releasePorts, reservePorts } from "../reservations.ts";
import {
  type Endpoints,
  type Server,
  type ServerName,
  type ServerStatus,
  type Stack,
  type StartResult,
  serverNames,
} from "../stack.ts";
import { createStackDir, lockFile, readPorts, removeStackDir, writePorts } from "../state.ts";
import { ContainerServer } from "./container-server.ts";
import { connectDocker, containersWith, type Docker, removeStack, stackLabel } from "./docker.ts";
import { claim, release } from "./owner.ts";
import { reap } from "./reap.ts";
import { ServerContainer } from "./server-container.ts";

export interface ContainersOptions {
  readonly config: Config;
  readonly stackDir: string;
  readonly cacheDir: string;
  readonly onProgress: (line: string) => void;
}

/**
 * The compose file's four servers, each a container of its own, made by testcontainers. Their ports on loopback stay the
 * same over kill and start. What a process leaves that ended without stopping its stack, the next start removes.
 */
export class ContainersStack implements Stack {
  readonly provider = "containers";

  constructor(private readonly options: ContainersOptions) {}

  async start(): Promise<StartResult> {
    const begun = performance.now();
    return this.locked(async (docker) => {
      for (const left of await reap(docker)) this.options.onProgress(`removed the containers that ${left} had left`);
      const ports = await this.settlePorts(docker);
      claim(this.options.stackDir);
      const started = await this.startAll(docker, ports, serverNames);
      return {
        started: serverNames.filter((name) => started.includes(name)),
        found: serverNames.filter((name) => !started.includes(name)),
        endpoints: endpointsOf(ports),
        seconds: (performance.now() - begun) / 1000,
      };
    });
  }

  async stop(options: { purge?: boolean } = {}): Promise<void> {
    const { stackDir } = this.options;
    if (!existsSync(stackDir)) return;
    await this.locked(async (docker) => {
      if (options.purge) {
        await removeStack(docker, stackDir);
        removeStackDir(stackDir);
        return;
      }
      const server = (name: ServerName) => this.managed(docker, name);
      await Promise.all([
        server("elasticsearch").stop(),
        // Connect writes to Kafka and reads from PostgreSQL until its end, so they outlast it.
        server("connect")
          .stop()
          .then(() => Promise.all([server("kafka").stop(), server("postgres").stop()])),
      ]);
      release(stackDir);
    });
  }

  async status(): Promise<ServerStatus[]> {
    const docker = await connectDocker();
    return Promise.all(serverNames.map((name) => this.managed(docker, name).status()));
  }

  get endpoints(): Endpoints {
    const ports = readPorts(this.options.stackDir);
    if (ports === undefined) throw new OperationError(`the containers of ${this.options.stackDir} were never started`);
    return endpointsOf(ports);
  }

  logs(name: ServerName): string {
    throw new OperationError(`the log of ${name} is Docker's: docker logs ${this.containerName(name)}`);
  }

  server(name: ServerName): Server {
    const act = (action: (server: ContainerServer) => Promise<unknown>) => async () => {
      await action(this.managed(await connectDocker(), name));
    };
    const start = () =>
      this.locked(async (docker) => {
        await this.startAll(docker, await this.settlePorts(docker), [name]);
      });
    const stop = act((server) => server.stop());
    return {
      name,
      start,
      stop,
      restart: async () => {
        await stop();
        await start();
      },
      kill: act((server) => server.kill()),
      pause: act((server) => server.pause()),
      resume: act((server) => server.resume()),
      pid: () => undefined,
    };
  }

  private async startAll(docker: Docker, ports: Ports, names: readonly ServerName[]): Promise<ServerName[]> {
    const { stackDir, cacheDir } = this.options;
    try {
      await this.ensureNetwork(docker);
      const results = await Promise.allSettled(names.map((name) => this.managed(docker, name, ports).start()));
      const failures = results.flatMap((result) => (result.status === "rejected" ? [messageOf(result.reason)] : []));
      if (failures.length > 0) throw new OperationError(failures.join("\n\n"));
      return names.filter((_, index) => (results[index] as PromiseFulfilledResult<boolean>).value);
    } finally {
      await releasePorts(cacheDir, stackDir);
    }
  }

  private async ensureNetwork(docker: Docker): Promise<void> {
    const { stackDir } = this.options;
    const found = await docker.listNetworks({ filters: { label: [`${stackLabel}=${stackDir}`] } });
    if (found.length > 0) return;
    await docker.createNetwork({ Name: this.prefix(), Driver: "bridge", Labels: { [stackLabel]: stackDir } });
  }

  /** The stack's ports: those of its containers while it has any, since they keep them. */
  private async settlePorts(docker: Docker): Promise<Ports> {
    const { config, stackDir, cacheDir, onProgress } = this.options;
    const remembered = readPorts(stackDir);
    const containers = await containersWith(docker, `${stackLabel}=${stackDir}`);
    if (remembered !== undefined && containers.length > 0) return remembered;
    const ports = await reservePorts(cacheDir, stackDir, {
      requested: requestedPorts(config),
      remembered: remembered ?? {},
      isFree: isPortFree,
      holder: portHolder,
      onMoved: onProgress,
    });
    writePorts(stackDir, ports);
    return ports;
  }

  private async locked<T>(action: (docker: Docker) => Promise<T>): Promise<T> {
    const { stackDir, onProgress } = this.options;
    const docker = await connectDocker();
    createStackDir(stackDir);
    return withLock(lockFile(stackDir), () => action(docker), {
      onWait: (holder) => onProgress(`waiting for ${holder}, which is starting or stopping this stack`),
    });
  }

  private managed(docker: Docker, name: ServerName, ports = readPorts(this.options.stackDir)): ContainerServer {
    const { stackDir, config } = this.options;
    const endpoints = ports === undefined ? undefined : endpointsOf(ports);
    const expectEndpoints = () => {
      if (endpoints === undefined) throw new OperationError(`${name} was never started`);
      return endpoints;
    };
    return new ContainerServer({
      docker,
      stackDir,
      name,
      address: endpoints === undefined ? "" : addressOf(name, endpoints),
      probe: () => probe(name, config, expectEndpoints()),
      create: async () => {
        if (ports === undefined) throw new OperationError(`${name} has no port`);
        const service = readService(name, variables(config, ports));
        this.options.onProgress(`starting ${name} from the image ${service.image}`);
        const placement = { name, stackDir, network: this.prefix(), container: this.containerName(name) };
        await new ServerContainer(service, placement).start();
      },
    });
  }

  private prefix(): string {
    return `tidemark-${createHash("sha256").update(this.options.stackDir).digest("hex").slice(0, 8)}`;
  }

  private containerName(name: ServerName): string {
    return `${this.prefix()}-${name}`;
  }
}

/** What fills the compose file's variables: the settings, and the ports that this stack has. */
function variables(config: Config, ports: Ports): Record<string, string> {
  return {
    ...toEnvironment(config),
    POSTGRES_PORT: String(ports.postgres),
    KAFKA_PORT: String(ports.kafka),
    CONNECT_PORT: String(ports.connect),
    ELASTICSEARCH_PORT: String(ports.elasticsearch),
  };
}

function endpointsOf(ports: Ports): Endpoints {
  return {
    postgresHost: "127.0.0.1",
    postgresPort: ports.postgres,
    kafkaBrokers: `127.0.0.1:${ports.kafka}`,
    connectUrl: `http://127.0.0.1:${ports.connect}`,
    connectPostgresHost: "postgres",
    connectPostgresPort: 5432,
    elasticsearchUrl: `http://127.0.0.1:${ports.elasticsearch}`,
  };
}

function addressOf(name: ServerName, endpoints: Endpoints): string {
  return {
    postgres: `${endpoints.postgresHost}:${endpoints.postgresPort}`,
    kafka: endpoints.kafkaBrokers,
    connect: endpoints.connectUrl,
    elasticsearch: endpoints.elasticsearchUrl,
  }[name];
}

function probe(name: ServerName, config: Config, endpoints: Endpoints): Promise<void> {
  switch (name) {
    case "postgres":
      return probePostgres({ ...config, ...endpoints, postgresSslMode: "disable" });
    case "kafka":
      return probeKafka(endpoints.kafkaBrokers);
    case "connect":
      return probeConnect(endpoints.connectUrl);
    case "elasticsearch":
      return probeElasticsearch(endpoints.elasticsearchUrl);
  }
}
