import { join } from "node:path";
import { type Equipment, equip, type ServerContext } from "../install/equipment.ts";
import { LocalStack, type LocalStackOptions } from "../local-stack.ts";
import type { Machine } from "../machine.ts";
import { loopback, type Ports, usualPorts } from "../ports/ports.ts";
import { type Endpoints, type ServerName, serverNames } from "../stack.ts";
import { readPorts, removeStackDir } from "../state.ts";
import { defineConnect } from "./connect.ts";
import { defineElasticsearch } from "./elasticsearch.ts";
import { defineKafka } from "./kafka.ts";
import { definePostgres } from "./postgres.ts";
import { findServer, logFile } from "./process.ts";
import { ManagedServer, type ServerDefinition } from "./server.ts";

const definitions: Record<ServerName, (context: ServerContext) => ServerDefinition> = {
  postgres: definePostgres,
  kafka: defineKafka,
  connect: defineConnect,
  elasticsearch: defineElasticsearch,
};

export interface NativeOptions extends LocalStackOptions {
  /** Where servers are installed. */
  readonly cacheDir: string;
  readonly machine: Machine;
}

/** Real servers as processes of this machine. */
export class NativeStack extends LocalStack<NativeOptions> {
  readonly provider = "native";

  logs(name: ServerName): string {
    return logFile(this.folder(name));
  }

  protected find(name: ServerName): ManagedServer {
    return this.define(name, readPorts(this.options.stackDir) ?? usualPorts);
  }

  /** Nothing is looked for, or installed, when they all run. */
  protected async equip(ports: Ports, names: readonly ServerName[]): Promise<ManagedServer[]> {
    const missing = names.filter((name) => !this.runs(name));
    const equipment = missing.length > 0 ? await equip(missing, this.options) : undefined;
    return names.map((name) => this.define(name, ports, equipment));
  }

  protected async bound(): Promise<ServerName[]> {
    return serverNames.filter((name) => this.runs(name));
  }

  protected async purge(): Promise<void> {
    removeStackDir(this.options.stackDir);
  }

  protected endpointsOf(ports: Ports): Endpoints {
    return { ...loopback(ports), connectPostgresHost: "", connectPostgresPort: 0 };
  }

  private folder(name: ServerName): string {
    return join(this.options.stackDir, name);
  }

  private runs(name: ServerName): boolean {
    return findServer(this.folder(name)) !== undefined;
  }

  /** With equipment it can be started as well. */
  private define(name: ServerName, ports: Ports, equipment?: Equipment): ManagedServer {
    const context: ServerContext = {
      folder: this.folder(name),
      ports,
      config: this.options.config,
      equipment: () => {
        if (equipment === undefined) throw new Error(`${name} was to be looked at, not started`);
        return equipment;
      },
    };
    return new ManagedServer(definitions[name](context), this.options.onProgress);
  }
}
