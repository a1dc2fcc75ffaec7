import { readFileSync } from "node:fs";
import { freemem } from "node:os";
import type { Machine } from "../machine.ts";
import type { ServerName } from "../stack.ts";
import { type Java, leastJavaVersion } from "./java.ts";

/** Memory that a server takes at most: heap, and what the JVM or the page cache needs beside it. In all 4 GiB. */
const memoryMiB: Record<ServerName, number> = { postgres: 512, kafka: 1024, connect: 1152, elasticsearch: 1408 };

export interface Prerequisites {
  readonly machine: Pick<Machine, "platform" | "architecture">;
  /** The servers that are about to be started. */
  readonly servers: readonly ServerName[];
  readonly javaFound: readonly Java[];
  readonly java: Java | undefined;
  /** Whether jars are still to be fetched. */
  readonly mustInstall: boolean;
  readonly maven: string | null;
  readonly availableMiB: number;
}

/** Everything that keeps the native stack from starting, each with what to install. Empty when nothing does. */
export function findProblems(given: Prerequisites): string[] {
  const problems: string[] = [];
  const { platform, architecture } = given.machine;
  if (platform !== "linux" && platform !== "darwin") {
    problems.push(
      `the native stack runs on Linux and macOS, not on ${platform}: use WSL, or STACK_PROVIDER=external with servers of your own`,
    );
    return problems;
  }
  if (given.java === undefined && given.servers.some((name) => name !== "postgres")) {
    const found = given.javaFound.map(({ version, home }) => `${version} in ${home}`).join(", ") || "none";
    problems.push(
      `needs a JDK of version ${leastJavaVersion} or later; found: ${found}. ${howToInstall(platform, "java")}`,
    );
  }
  if (given.mustInstall && given.maven === null) {
    problems.push(`needs Maven (mvn) to fetch the servers; it is not on PATH. ${howToInstall(platform, "maven")}`);
  }
  const neededMiB = given.servers.reduce((sum, name) => sum + memoryMiB[name], 0);
  if (given.availableMiB < neededMiB) {
    problems.push(
      `needs ${neededMiB} MiB of free memory for ${given.servers.join(", ")} (${architecture}); ${Math.floor(given.availableMiB)} MiB are free: close other programs, or use a machine or container with more`,
    );
  }
  return problems;
}

function howToInstall(platform: "linux" | "darwin", what: "java" | "maven"): string {
  if (platform === "darwin") return `Install it: brew install ${what === "java" ? "openjdk@21" : "maven"}`;
  return what === "java"
    ? "Install one: apt install openjdk-21-jdk-headless, dnf install java-21-openjdk-devel, or from https://adoptium.net; or set JAVA_HOME"
    : "Install it: apt install maven, or dnf install maven";
}

/** Memory that can be had without swapping, in MiB: what the kernel says, or less where a control group limits it. */
export function availableMemoryMiB(): number {
  const bytes = [kernelAvailableBytes(), controlGroupBytes()].filter((value) => value !== undefined);
  return Math.min(...bytes) / 1024 / 1024;
}

function kernelAvailableBytes(): number {
  const match = /^MemAvailable:\s+(\d+) kB/m.exec(read("/proc/meminfo") ?? "");
  if (match) return Number(match[1]) * 1024;
  // macOS counts its cache as used: of what vm_stat says, inactive, speculative and purgeable pages can be had as well.
  const text = process.platform === "darwin" ? Bun.spawnSync(["vm_stat"]).stdout.toString() : "";
  const pageBytes = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? 0);
  const pages = [...text.matchAll(/^Pages (?:free|inactive|speculative|purgeable):\s+(\d+)/gm)];
  return Math.max(freemem(), pageBytes * pages.reduce((sum, page) => sum + Number(page[1]), 0));
}

function controlGroupBytes(): number | undefined {
  const limit = Number(read("/sys/fs/cgroup/memory.max"));
  const used = Number(read("/sys/fs/cgroup/memory.current"));
  const cache = Number(/^inactive_file (\d+)/m.exec(read("/sys/fs/cgroup/memory.stat") ?? "")?.[1] ?? 0);
  return Number.isFinite(limit) && limit > 0 && Number.isFinite(used) ? limit - used + cache : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
