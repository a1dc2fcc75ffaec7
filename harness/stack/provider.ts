import type { Config } from "../../src/config.ts";
import { chooseJava, findJava, leastJavaVersion } from "./install/java.ts";
import { type Machine, thisMachine } from "./machine.ts";
import type { Stack } from "./stack.ts";

export interface Choice {
  readonly provider: Stack["provider"];
  /** For people: what made it so. */
  readonly reason: string;
}

/** How long a Docker daemon may take to tell its version. */
const dockerTimeoutMs = 5_000;

/** Who is to run the servers: whom the settings name, else whoever can on this machine. */
export function chooseProvider(config: Pick<Config, "stackProvider">, machine: Machine = thisMachine()): Choice {
  const javaHome = chooseJava(findJava(machine), machine.environment.JAVA_HOME)?.home;
  return decideProvider(config.stackProvider, javaHome, () => dockerVersion(machine));
}

/** The rule; Docker is asked only where the answer depends on it. */
export function decideProvider(
  asked: Config["stackProvider"],
  javaHome: string | undefined,
  dockerVersion: () => string | undefined,
): Choice {
  if (asked !== "auto") return { provider: asked, reason: `STACK_PROVIDER=${asked}` };
  if (javaHome !== undefined) return { provider: "native", reason: `a JDK is in ${javaHome}` };
  const docker = dockerVersion();
  return docker === undefined
    ? { provider: "native", reason: "no Docker daemon answers" }
    : { provider: "containers", reason: `no JDK of ${leastJavaVersion} or later, and Docker ${docker} answers` };
}

function dockerVersion({ environment }: Machine): string | undefined {
  const docker = Bun.which("docker", { PATH: environment.PATH ?? "" });
  if (docker === null) return undefined;
  const asked = Bun.spawnSync([docker, "version", "--format", "{{.Server.Version}}"], {
    stderr: "ignore",
    timeout: dockerTimeoutMs,
  });
  return asked.success ? asked.stdout.toString().trim() || undefined : undefined;
}
