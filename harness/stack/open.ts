import { resolve } from "node:path";
import type { Config } from "../../src/config.ts";
import { ContainersStack } from "./containers/containers.ts";
import { ExternalStack } from "./external.ts";
import { defaultFolders, type Machine, thisMachine } from "./machine.ts";
import { NativeStack } from "./native/native.ts";
import { chooseProvider } from "./provider.ts";
import type { Stack } from "./stack.ts";

export interface OpenOptions {
  /** The stack's folder, instead of config.stackDir. Tests take one of their own. */
  readonly dir?: string;
  /** Called with a line for people at each step. */
  readonly onProgress?: (line: string) => void;
  readonly machine?: Machine;
}

/** The stack that the configuration names. Nothing is started or asked yet; one that runs already is found. */
export function openStack(config: Config, options: OpenOptions = {}): Stack {
  const machine = options.machine ?? thisMachine();
  const { provider } = chooseProvider(config, machine);
  if (provider === "external") return new ExternalStack(config);
  const folders = stackFolders(config, machine);
  const stackDir = options.dir === undefined ? folders.stackDir : resolve(options.dir);
  const onProgress = options.onProgress ?? (() => {});
  const common = { config, onProgress };
  return provider === "containers"
    ? new ContainersStack({ ...common, stackDir: `${stackDir}-containers` })
    : new NativeStack({ ...common, stackDir, cacheDir: folders.cacheDir, machine });
}

/** Where a stack keeps its state, and the native one its installed servers. */
export function stackFolders(config: Config, machine = thisMachine()): { stackDir: string; cacheDir: string } {
  const fallback = defaultFolders(machine);
  return {
    stackDir: config.stackDir === "" ? fallback.stackDir : resolve(config.stackDir),
    cacheDir: config.cacheDir === "" ? fallback.cacheDir : resolve(config.cacheDir),
  };
}
