import { globSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Machine } from "../machine.ts";

/** Elasticsearch 9 runs on 21 or later. */
export const leastJavaVersion = 21;

export interface Java {
  readonly home: string;
  /** 21 for "21.0.4", 8 for "1.8.0_412". */
  readonly version: number;
}

/** Where JDKs are installed: by packages, by hand, by SDKMAN!, by IntelliJ, by Homebrew. */
const folders: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ["/usr/lib/jvm/*", "/usr/lib64/jvm/*", "/usr/java/*", "/opt/java/*", "/opt/*jdk*"],
  darwin: [
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
  ],
};
const homeFolders = [
  ".sdkman/candidates/java/*",
  ".jdks/*",
  ".local/share/mise/installs/java/*",
  "Library/Java/JavaVirtualMachines/*/Contents/Home",
];

/**
 * Every JDK of this machine, in the order of preference: JAVA_HOME, the one that `java` belongs to, those in the
 * folders where the platform keeps them. A runtime without javac is not among them.
 */
export function findJava(machine: Machine): Java[] {
  const { JAVA_HOME, PATH } = machine.environment;
  const onPath = Bun.which("java", { PATH: PATH ?? "" });
  const homes = [
    ...(JAVA_HOME ? [JAVA_HOME] : []),
    ...(onPath ? [resolve(dirname(realpathSync(onPath)), "..")] : []),
    ...globSync([...(folders[machine.platform] ?? []), ...homeFolders.map((folder) => join(machine.home, folder))]),
  ];
  return homes.flatMap((home) => {
    const version = readVersion(home);
    return version === undefined ? [] : [{ home, version }];
  });
}

/** JAVA_HOME when it will do, since somebody chose it; else the newest. Undefined when none is new enough. */
export function chooseJava(found: readonly Java[], javaHome: string | undefined): Java | undefined {
  const enough = found.filter(({ version }) => version >= leastJavaVersion);
  const chosen = enough.find(({ home }) => home === javaHome);
  return (
    chosen ??
    enough.reduce<Java | undefined>((best, java) => (best && best.version >= java.version ? best : java), undefined)
  );
}

/** The major version in the text of a JDK's file `release`. */
export function parseJavaVersion(release: string): number | undefined {
  const match = /^JAVA_VERSION="(?:1\.)?(\d+)/m.exec(release);
  return match ? Number(match[1]) : undefined;
}

function readVersion(home: string): number | undefined {
  try {
    statSync(join(home, "bin/javac"));
    return parseJavaVersion(readFileSync(join(home, "release"), "utf8"));
  } catch {
    return undefined;
  }
}
