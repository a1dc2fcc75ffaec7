import { resolve } from "node:path";
import type { Config } from "../../src/config.ts";
import { ExternalStack } from "./external.ts";
import { defaultFolders, type Machine, thisMachine } from "./machine.ts";
import { NativeStack } from "./native.ts";
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
  if (config.stackProvider === "external") return new ExternalStack(config);
  const machine = options.machine ?? thisMachine();
  const folders = stackFolders(config, machine);
  return new NativeStack({
    config,
    machine,
    stackDir: options.dir === undefined ? folders.stackDir : resolve(options.dir),
    cacheDir: folders.cacheDir,
    onProgress: options.onProgress ?? (() => {}),
  });
}

/** Where the native stack keeps its state and its installed servers. */
export function stackFolders(config: Config, machine = thisMachine()): { stackDir: string; cacheDir: string } {
  const fallback = defaultFolders(machine);
  return {
    stackDir: config.stackDir === "" ? fallback.stackDir : resolve(config.stackDir),
    cacheDir: config.cacheDir === "" ? fallback.cacheDir : resolve(config.cacheDir),
  };
}
