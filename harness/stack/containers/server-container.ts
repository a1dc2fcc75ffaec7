import { GenericContainer } from "testcontainers";
import { type ComposeService, sizeInBytes } from "../compose-file.ts";
import type { ServerName } from "../stack.ts";
import { serverLabel, stackLabel } from "./docker.ts";

/** Image pulls are not counted. */
const startTimeoutMs = 180_000;

export interface Placement {
  readonly name: ServerName;
  readonly stackDir: string;
  readonly network: string;
  /** The container's own name in Docker. */
  readonly container: string;
}

/** One server as the compose file describes it, with its ports on loopback only, and under its name in a network. */
export class ServerContainer extends GenericContainer {
  constructor(service: ComposeService, placement: Placement) {
    super(service.image);
    const { name, stackDir, network, container } = placement;
    this.withName(container)
      .withLabels({ [stackLabel]: stackDir, [serverLabel]: name })
      .withEnvironment({ ...service.environment })
      .withNetworkMode(network)
      .withStartupTimeout(startTimeoutMs)
      // Without testcontainers' own reaper: ours goes by labels.
      .withAutoCleanup(false);
    if (service.command) this.withCommand([...service.command]);
    this.createOpts.NetworkingConfig = { EndpointsConfig: { [network]: { Aliases: [name] } } };
    if (service.mem_limit) this.hostConfig.Memory = sizeInBytes(service.mem_limit);
    if (service.shm_size) this.hostConfig.ShmSize = sizeInBytes(service.shm_size);
    for (const port of service.ports ?? []) this.publish(port);
  }

  private publish(port: string): void {
    const [address = "", host, inside] = port.split(":");
    this.withExposedPorts({ container: Number(inside), host: Number(host) });
    this.hostConfig.PortBindings = {
      ...this.hostConfig.PortBindings,
      [`${inside}/tcp`]: [{ HostIp: address, HostPort: host }],
    };
  }
}
