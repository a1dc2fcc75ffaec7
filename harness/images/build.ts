import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveConfig } from "../../src/config.ts";
import { OperationError } from "../../src/errors.ts";
import { type Equipment, equip } from "../stack/install/equipment.ts";
import { thisMachine } from "../stack/machine.ts";
import { stackFolders } from "../stack/open.ts";
import { run } from "../stack/run.ts";
import { serverNames } from "../stack/stack.ts";

const prefix = "tidemark-local";
const certificates = "/etc/ssl/certs/ca-certificates.crt";
const staging = mkdtempSync(join(tmpdir(), "tidemark-images-"));
const say = (line: string) => process.stderr.write(`${line}\n`);

/** Builds one of this folder's images from its own files and those that are to lie beside them. */
async function build(name: string, tag: string, files: Record<string, string>, args: Record<string, string> = {}) {
  say(`image ${prefix}/${name}:${tag}`);
  const context = join(staging, name);
  cpSync(join(import.meta.dir, name), context, { recursive: true });
  for (const [target, source] of Object.entries(files)) {
    cpSync(source, join(context, target), { recursive: true, dereference: true });
  }
  const flags = Object.entries(args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]);
  await docker("build", "-q", "--network", "host", "-t", `${prefix}/${name}:${tag}`, ...flags, context);
  rmSync(context, { recursive: true });
  return `${prefix}/${name}:${tag}`;
}

function docker(...args: string[]): Promise<void> {
  return run(["docker", ...args], `docker ${args[0]} failed`);
}

async function buildBase(): Promise<string> {
  const root = join(staging, "root");
  say("a Debian root by debootstrap");
  mkdirSync(root);
  const packages = "--include=bash,ca-certificates,curl,libzstd1";
  await run(["debootstrap", "--variant=minbase", packages, "bookworm", root], "debootstrap failed (it needs root)");
  const archive = join(staging, "root.tar");
  await run(
    ["tar", "-C", root, "--exclude=./var/cache/apt/archives/*", "-cf", archive, "."],
    "packing the root failed",
  );
  rmSync(root, { recursive: true });
  const image = await build("base", "bookworm", { "root.tar": archive });
  rmSync(archive);
  return image;
}

/** @returns the names of the images, by the setting that each is for */
async function buildServers(base: string, equipment: Equipment): Promise<Record<string, string>> {
  const { java, installation, postgresPrograms } = equipment;
  const jars = (classPath: string) => classPath.replace(/\/\*$/, "");
  const log4j = { "log4j2.xml": installation.log4jConfiguration };
  const withJava = await build("java", String(java.version), { jdk: java.home }, { BASE: base });
  const kafka = { jars: jars(installation.kafkaJars), ...log4j };
  const elasticsearch = {
    lib: jars(installation.elasticsearchJars),
    modules: join(installation.elasticsearchHome, "modules"),
  };
  return {
    POSTGRES_IMAGE: await build("postgres", "local", { programs: postgresPrograms }, { BASE: base }),
    KAFKA_IMAGE: await build("kafka", "local", kafka, { BASE: withJava }),
    CONNECT_IMAGE: await build(
      "connect",
      "local",
      { ...kafka, plugins: installation.connectPlugins },
      { BASE: withJava },
    ),
    ELASTICSEARCH_IMAGE: await build("elasticsearch", "local", elasticsearch, { BASE: withJava }),
  };
}

/** Tidemark's own image, from its own Dockerfile, on a Debian root and with this machine's Node and npm. */
async function buildTidemark(base: string, checkout: string): Promise<string> {
  const npm = join(Bun.which("npm") ?? "npm", "..");
  const npmFolder = [join(npm, "../lib/node_modules/npm"), join(npm, "../share/nodejs/npm")].find(existsSync);
  const node = Bun.which("node");
  if (node === null || npmFolder === undefined) throw new OperationError("expected node and npm on PATH");
  const files = { node, npm: npmFolder, "certificates.crt": certificates };
  const image = `${prefix}/tidemark:local`;
  const withNode = await build("node", "local", files, { BASE: base });
  say(`image ${image}`);
  const args = ["--build-arg", `NODE_IMAGE=${withNode}`, "--build-arg", `DEBIAN_IMAGE=${base}`];
  const file = join(checkout, "infra/Dockerfile");
  await docker("build", "-q", "--network", "host", "-f", file, "-t", image, ...args, checkout);
  return image;
}

/** Mailpit from its Go module, the newest that the module proxy has. */
async function buildMailpit(base: string): Promise<string> {
  say("mailpit from its Go module");
  const programs = join(staging, "go");
  const environment = { GOBIN: programs, CGO_ENABLED: "0", GOFLAGS: "-mod=mod" };
  const flags = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  await run(["env", ...flags, "go", "install", "github.com/axllent/mailpit@v1.27.11"], "go install failed", staging);
  return build("mailpit", "local", { mailpit: join(programs, "mailpit") }, { BASE: base });
}

const machine = thisMachine();
const { cacheDir } = stackFolders(resolveConfig(), machine);
try {
  const equipment = await equip(serverNames, { machine, cacheDir, onProgress: say });
  const base = await buildBase();
  const images = {
    ...(await buildServers(base, equipment)),
    PGADMIN_IMAGE: await build(
      "pgadmin",
      "local",
      { "certificates.crt": certificates },
      { BASE: base, VERSION: "9.18" },
    ),
    MAILPIT_IMAGE: await buildMailpit(base),
    TIDEMARK_IMAGE: await buildTidemark(base, machine.checkout),
  };
  for (const [setting, image] of Object.entries(images)) console.log(`${setting}=${image}`);
} finally {
  rmSync(staging, { recursive: true, force: true });
}
