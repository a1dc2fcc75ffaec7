import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the native stack must know of the machine that is no setting of Tidemark's. Tests pass one of their own. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly architecture: string;
  readonly isRoot: boolean;
  readonly home: string;
  /** The checkout's root folder. */
  readonly checkout: string;
  /** JAVA_HOME, PATH and the XDG folders are read from it. */
  readonly environment: Environment;
}

/** This machine, as seen by this process. */
export function thisMachine(environment: Environment = process.env): Machine {
  return {
    platform: process.platform,
    architecture: process.arch,
    isRoot: process.getuid?.() === 0,
    home: homedir(),
    checkout: resolve(import.meta.dir, "../.."),
    environment,
  };
}

/**
 * The folders of the stack's state and of installed servers, where no setting names them. Both are outside the
 * checkout; the state is one folder for each checkout, named after it and told apart by a hash of its path. Root's are
 * where other users may enter, since PostgreSQL refuses to run as root and root's home is often closed to others.
 */
export function defaultFolders(machine: Machine): { stackDir: string; cacheDir: string } {
  const { environment, home, isRoot } = machine;
  const hash = createHash("sha256").update(machine.checkout).digest("hex").slice(0, 8);
  const name = `${basename(machine.checkout)}-${hash}`;
  const state = isRoot ? "/var/lib" : environment.XDG_STATE_HOME || join(home, ".local/state");
  const cache = isRoot ? "/var/cache" : environment.XDG_CACHE_HOME || join(home, ".cache");
  return { stackDir: join(state, "tidemark", name), cacheDir: join(cache, "tidemark") };
}

/** The environment that servers are started with: none of Tidemark's settings, so no secret they do not need. */
export function serverEnvironment(machine: Machine): Record<string, string> {
  return { PATH: machine.environment.PATH ?? "/usr/bin:/bin", LANG: "C.UTF-8", TZ: "UTC" };
}
