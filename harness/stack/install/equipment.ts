import { join } from "node:path";
import type { Config } from "../../../src/config.ts";
import { OperationError } from "../../../src/errors.ts";
import { type Machine, serverEnvironment } from "../machine.ts";
import type { Ports } from "../ports/ports.ts";
import type { ServerName } from "../stack.ts";
import { type Installation, type InstallOptions, install, isInstalled } from "./install.ts";
import { chooseJava, findJava, type Java } from "./java.ts";
import { installPostgres } from "./postgres-binaries.ts";
import { availableMemoryMiB, findProblems } from "./preflight.ts";

/** What servers are started from. */
export interface Equipment {
  readonly java: Java;
  readonly installation: Installation;
  /** PostgreSQL's folder with bin, lib and share. */
  readonly postgresPrograms: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly isRoot: boolean;
}

/** What a server is defined by. */
export interface ServerContext {
  /** Its own folder within the stack's. */
  readonly folder: string;
  readonly ports: Ports;
  readonly config: Config;
  /** Asked for only to start it: looking at a server and stopping it need neither a JDK nor jars. */
  readonly equipment: () => Equipment;
}

/**
 * Finds the JDK, and installs what is not in the cache yet.
 * @throws OperationError that lists everything the machine lacks
 */
export async function equip(
  servers: readonly ServerName[],
  options: { machine: Machine; cacheDir: string; onProgress: (line: string) => void },
): Promise<Equipment> {
  const { machine, cacheDir } = options;
  const source = installSource(options);
  const javaFound = findJava(machine);
  const java = chooseJava(javaFound, machine.environment.JAVA_HOME);
  const problems = findProblems({
    machine,
    servers,
    javaFound,
    java,
    mustInstall: !isInstalled(source),
    maven: Bun.which("mvn", { PATH: machine.environment.PATH ?? "" }),
    availableMiB: availableMemoryMiB(),
  });
  if (problems.length > 0 || java === undefined) {
    throw new OperationError(`the native stack cannot start:\n  ${problems.join("\n  ")}`);
  }
  const [installation, postgresPrograms] = await Promise.all([
    install(source, java),
    installPostgres(cacheDir, machine),
  ]);
  return { java, installation, postgresPrograms, environment: serverEnvironment(machine), isRoot: machine.isRoot };
}

/** What this checkout asks to have installed, and where. */
export function installSource(options: {
  machine: Machine;
  cacheDir: string;
  onProgress: (line: string) => void;
}): InstallOptions {
  const { machine, cacheDir, onProgress } = options;
  return { source: join(machine.checkout, "infra/native"), cacheDir, onProgress };
}
