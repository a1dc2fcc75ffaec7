import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join, relative } from "node:path";
import { OperationError } from "../../../src/errors.ts";
import { withLock } from "../lock.ts";
import { run } from "../run.ts";
import {
  type Checksums,
  compareChecksums,
  describeFile,
  findDamage,
  formatChecksums,
  type ManifestEntry,
  parseChecksums,
} from "./checksums.ts";
import type { Java } from "./java.ts";
import { copyDependencies } from "./maven.ts";

/** An installation of the Java servers, one folder of the cache. */
export interface Installation {
  /** Class path of Kafka and of the Connect worker. */
  readonly kafkaJars: string;
  /** Connect's plugin.path: one folder for each plugin. */
  readonly connectPlugins: string;
  readonly elasticsearchJars: string;
  /** Elasticsearch's path.home, with its modules. */
  readonly elasticsearchHome: string;
  readonly log4jConfiguration: string;
  /** For class data archives, which make later starts of a JVM faster. */
  readonly archives: string;
}

export interface InstallOptions {
  /** infra/native of the checkout. */
  readonly source: string;
  readonly cacheDir: string;
  readonly onProgress: (line: string) => void;
}

/** Changed when the layout below changes, so that older installations are not taken for this one. */
const layout = "1";

/** The folder of the installation that this checkout's pom, sources and checksums ask for, installed or not. */
export function installationFolder({ source, cacheDir }: Pick<InstallOptions, "source" | "cacheDir">): string {
  const hash = createHash("sha256").update(layout);
  for (const file of ["pom.xml", "checksums.txt", "log4j2.xml", ...javaSources(source)]) {
    const path = join(source, file);
    hash.update(`\0${file}\0`).update(existsSync(path) ? readFileSync(path) : "");
  }
  return join(cacheDir, `native-${hash.digest("hex").slice(0, 16)}`);
}

/** Whether nothing needs to be fetched. */
export function isInstalled(options: Pick<InstallOptions, "source" | "cacheDir">): boolean {
  return existsSync(join(installationFolder(options), "manifest.json"));
}

/**
 * Fetches the servers' jars unless they are in the cache, and checks them: each against the committed sha256 when it is
 * installed, and for a change since then on every call.
 * @throws OperationError that names each file that is not as it should be
 */
export async function install(options: InstallOptions, java: Java): Promise<Installation> {
  const folder = installationFolder(options);
  if (!isInstalled(options)) {
    await withLock(
      join(options.cacheDir, "install.lock"),
      async () => {
        if (!isInstalled(options)) await build(folder, options, java);
      },
      { onWait: (holder) => options.onProgress(`waiting for ${holder}, which is installing the servers`) },
    );
  }
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as ManifestEntry[];
  const damage = findDamage(folder, manifest);
  if (damage.length > 0) {
    throw new OperationError(
      `files in ${folder} have changed since they were installed:\n  ${damage.join("\n  ")}\nRemove that folder; the next start fetches them again.`,
    );
  }
  return describe(folder);
}

/** Fetches everything anew and writes checksums.txt from it: for a change of the pom. */
export async function pinChecksums(options: InstallOptions): Promise<void> {
  const folder = join(options.cacheDir, `partial-pin-${process.pid}`);
  try {
    await fetchJars(folder, options);
    writeFileSync(join(options.source, "checksums.txt"), formatChecksums(checksumsOf(folder, jarsOf(folder))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installs into a folder of its own, which becomes the installation when all is there and right. */
async function build(folder: string, options: InstallOptions, java: Java): Promise<void> {
  // Left behind by an installation that was killed: the lock is ours, so nobody is at work in them.
  for (const left of globSync(join(options.cacheDir, "partial-native-*"))) rmSync(left, { recursive: true });
  const partial = join(options.cacheDir, `partial-native-${process.pid}`);
  try {
    await fill(partial, options, java);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function fill(partial: string, options: InstallOptions, java: Java): Promise<void> {
  await fetchJars(partial, options);
  const fetched = checksumsOf(partial, jarsOf(partial));
  const pinned = parseChecksums(readFileSync(join(options.source, "checksums.txt"), "utf8"));
  const mistakes = compareChecksums(pinned, fetched);
  if (mistakes.length > 0) {
    throw new OperationError(
      `what Maven fetched is not what infra/native/checksums.txt pins:\n  ${mistakes.join("\n  ")}\n` +
        "After a change of the pom, run: bun run stack pin. Otherwise distrust the download: remove these files from " +
        "Maven's local repository (~/.m2/repository) and from any proxy in between, and try again.",
    );
  }
  await compileElasticsearchParts(partial, options, java);
  copyFileSync(join(options.source, "log4j2.xml"), join(partial, "log4j2.xml"));
  mkdirSync(join(partial, "archives"));
  const manifest = jarsOf(partial).map((path) => describeFile(partial, path, fetched.get(path)));
  writeFileSync(join(partial, "manifest.json"), JSON.stringify(manifest, null, 1));
}

async function fetchJars(folder: string, { source, onProgress }: InstallOptions): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const pom = join(source, "pom.xml");
  onProgress("fetching Kafka and Kafka Connect (1 of 3)");
  await copyDependencies(pom, "kafka", join(folder, "kafka"));
  onProgress("fetching Debezium (2 of 3)");
  await copyDependencies(pom, "debezium", join(folder, "plugins/debezium-connector-postgres"));
  onProgress("fetching Elasticsearch (3 of 3)");
  const jars = join(folder, "elasticsearch/lib");
  await copyDependencies(pom, "elasticsearch", jars);
  const netty = join(folder, "elasticsearch/modules/transport-netty4");
  mkdirSync(netty, { recursive: true });
  for (const jar of readdirSync(jars)) {
    if (/^(netty-|transport-netty4-|elasticsearch-ssl-config-)/.test(jar))
      renameSync(join(jars, jar), join(netty, jar));
  }
}

/** Compiles the launcher and the plugin, and describes the modules as Elasticsearch wants them described. */
async function compileElasticsearchParts(
  folder: string,
  { source, onProgress }: InstallOptions,
  java: Java,
): Promise<void> {
  onProgress("compiling Elasticsearch's launcher");
  const home = join(folder, "elasticsearch");
  const version = elasticsearchVersion(join(home, "lib"));
  describeModule(join(home, "modules"), "transport-netty4", "org.elasticsearch.transport.netty4.Netty4Plugin", version);
  describeModule(join(home, "modules"), "rest-root", "tidemark.RestRootPlugin", version);
  const targets = {
    launcher: join(home, "lib/tidemark-launcher.jar"),
    "rest-root": join(home, "modules/rest-root/tidemark-rest-root.jar"),
  };
  const classPath = join(home, "lib", "*");
  for (const [part, jar] of Object.entries(targets)) {
    const classes = join(folder, "classes", part);
    const sources = globSync(join(source, "java", part, "**/*.java"));
    const flags = ["-nowarn", "-proc:none", "--release", "21", "-encoding", "UTF-8", "-cp", classPath, "-d", classes];
    await run([join(java.home, "bin/javac"), ...flags, ...sources], "compiling Elasticsearch's launcher failed");
    await run(
      [join(java.home, "bin/jar"), "--create", "--file", jar, "-C", classes, "."],
      `packing ${basename(jar)} failed`,
    );
  }
  rmSync(join(folder, "classes"), { recursive: true });
}

function elasticsearchVersion(jars: string): string {
  const found = readdirSync(jars)
    .map((jar) => /^elasticsearch-(\d+\.\d+\.\d+)\.jar$/.exec(jar)?.[1])
    .find(Boolean);
  if (found === undefined)
    throw new OperationError(`${jars} holds no elasticsearch-VERSION.jar: is it in the pom's profile elasticsearch?`);
  return found;
}

function describeModule(modules: string, name: string, className: string, version: string): void {
  mkdirSync(join(modules, name), { recursive: true });
  const properties = {
    name,
    description: name,
    version,
    "elasticsearch.version": version,
    "java.version": "21",
    classname: className,
  };
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(join(modules, name, "plugin-descriptor.properties"), lines.join(""));
}

function describe(folder: string): Installation {
  return {
    kafkaJars: join(folder, "kafka", "*"),
    connectPlugins: join(folder, "plugins"),
    elasticsearchJars: join(folder, "elasticsearch/lib", "*"),
    elasticsearchHome: join(folder, "elasticsearch"),
    log4jConfiguration: join(folder, "log4j2.xml"),
    archives: join(folder, "archives"),
  };
}

function jarsOf(folder: string): string[] {
  return globSync(join(folder, "**/*.jar"))
    .map((file) => relative(folder, file))
    .sort();
}

function checksumsOf(folder: string, paths: readonly string[]): Checksums {
  return new Map(paths.map((path) => [path, describeFile(folder, path).sha256]));
}

function javaSources(source: string): string[] {
  return globSync(join(source, "java/**/*.java"))
    .map((file) => relative(source, file))
    .sort();
}
