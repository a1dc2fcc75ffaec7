import { GenericContainer, StartupCheckStrategy } from "testcontainers";
import { type ComposeService, sizeInBytes } from "../compose/compose-file.ts";
import type { ServerName } from "../stack.ts";
import { serverLabel, stackLabel } from "./docker.ts";

/**
 * Waits for nothing beyond the ports being bound. testcontainers removes a container that does not come up in time, and
 * its log with it; so whether it is ready is asked by our own probes, as for the native stack.
 */
class Bound extends StartupCheckStrategy {
  override async checkStartupState() {
    return "SUCCESS" as const;
  }
}

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
      .withWaitStrategy(new Bound())
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
