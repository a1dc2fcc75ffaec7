import { createHash } from "node:crypto";
import { type Config, toEnvironment } from "../../../src/config.ts";
import { OperationError } from "../../../src/errors.ts";
import { postgresForConnect, readService } from "../compose/compose-file.ts";
import { LocalStack } from "../local-stack.ts";
import { loopback, type Ports } from "../ports/ports.ts";
import { addressOf, probeServer } from "../probes.ts";
import { type Endpoints, type ServerName, serverNames } from "../stack.ts";
import { readPorts, removeStackDir } from "../state.ts";
import { ContainerServer } from "./container-server.ts";
import { connectDocker, containersWith, removeStack, serverLabel, stackLabel } from "./docker.ts";
import { claim, release } from "./owner.ts";
import { reap } from "./reap.ts";
import { ServerContainer } from "./server-container.ts";

/**
 * The compose file's four servers, each a container of its own, made by testcontainers. Their ports on loopback stay the
 * same over kill and start. What a process leaves that ended without stopping its stack, the next start removes.
 */
export class ContainersStack extends LocalStack {
  readonly provider = "containers";

  logs(name: ServerName): string {
    throw new OperationError(`the log of ${name} is Docker's: docker logs ${this.containerName(name)}`);
  }

  protected find(name: ServerName): ContainerServer {
    return this.define(name, readPorts(this.options.stackDir));
  }

  protected async equip(ports: Ports, names: readonly ServerName[]): Promise<ContainerServer[]> {
    claim(this.options.stackDir);
    await this.ensureNetwork();
    return names.map((name) => this.define(name, ports));
  }

  protected async bound(): Promise<ServerName[]> {
    const containers = await containersWith(await connectDocker(), `${stackLabel}=${this.options.stackDir}`);
    return serverNames.filter((name) => containers.some(({ Labels }) => Labels[serverLabel] === name));
  }

  protected async purge(): Promise<void> {
    await removeStack(await connectDocker(), this.options.stackDir);
    removeStackDir(this.options.stackDir);
  }

  protected endpointsOf(ports: Ports): Endpoints {
    return { ...loopback(ports), ...postgresForConnect };
  }

  protected override async beforeStart(): Promise<void> {
    for (const left of await reap(await connectDocker())) {
      this.options.onProgress(`removed the containers that ${left} had left`);
    }
  }

  protected override async stopAll(): Promise<void> {
    await super.stopAll();
    release(this.options.stackDir);
  }

  private async ensureNetwork(): Promise<void> {
    const docker = await connectDocker();
    const { stackDir } = this.options;
    const found = await docker.listNetworks({ filters: { label: [`${stackLabel}=${stackDir}`] } });
    if (found.length > 0) return;
    await docker.createNetwork({ Name: this.prefix(), Driver: "bridge", Labels: { [stackLabel]: stackDir } });
  }

  /** Without ports, as before the first start, there is no container of it yet. */
  private define(name: ServerName, ports: Ports | undefined): ContainerServer {
    const { stackDir, config, onProgress } = this.options;
    const endpoints = ports && this.endpointsOf(ports);
    const container = this.containerName(name);
    return new ContainerServer({
      stackDir,
      name,
      container,
      address: endpoints === undefined ? "" : addressOf(name, endpoints),
      probe: () => probeServer(name, { ...config, ...endpoints, postgresSslMode: "disable" }),
      create: async () => {
        if (ports === undefined) throw new Error(`${name} was to be looked at, not started`);
        const service = readService(name, variables(config, ports));
        onProgress(`starting ${name} from the image ${service.image}`);
        const placement = { name, stackDir, network: this.prefix(), container };
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
