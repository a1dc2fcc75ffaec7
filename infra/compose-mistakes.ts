import { interpolate } from "../harness/stack/compose/compose-file.ts";
import { resolveConfig, settings } from "../src/config.ts";
import { UsageError } from "../src/errors.ts";

/** As much of the compose specification as the checks look at. */
export interface Service {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: { test?: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly restart?: string;
  readonly mem_limit?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** Everything in a compose file that would come to light only on `up`, or later. Pure. */
export function findMistakes(compose: Compose): string[] {
  const filled = interpolate(compose, {}) as Compose;
  return [
    ...Object.entries(filled.services).flatMap(([name, service]) =>
      [
        ...dependencyMistakes(name, service, filled),
        ...healthMistakes(service, name, filled),
        ...imageMistakes(service),
        ...boundaryMistakes(service),
        ...settingMistakes(service),
        ...volumeMistakes(service, filled),
      ].map((mistake) => `${name}: ${mistake}`),
    ),
    ...cycles(filled).map((name) => `${name}: waits for itself`),
    ...portClashes(filled),
    ...unusedVolumes(filled),
    ...variableMistakes(compose),
  ];
}

function dependencyMistakes(
  name: string,
  { depends_on = {}, profiles = [] }: Service,
  { services }: Compose,
): string[] {
  return Object.entries(depends_on).flatMap(([wanted, { condition }]) => {
    const service = services[wanted];
    if (service === undefined) return [`waits for ${wanted}, which is no service`];
    if (service.profiles?.some((profile) => !profiles.includes(profile))) {
      return [`waits for ${wanted}, which is in another profile`];
    }
    if (condition === "service_healthy" && service.healthcheck?.test === undefined) {
      return [`waits for ${wanted} to be healthy, which has no health check`];
    }
    if (condition === "service_completed_successfully" && service.restart !== "no") {
      return [`waits for ${wanted} to complete, which is started again (restart: ${service.restart})`];
    }
    if (condition === "service_started") return [`waits for ${wanted} to start, which says nothing`];
    return name === wanted ? ["waits for itself"] : [];
  });
}

/** `up --wait` fails on a one-shot that has ended and that nothing waits for; one in a profile is run by itself. */
function healthMistakes({ restart, healthcheck, profiles }: Service, name: string, { services }: Compose): string[] {
  if (restart !== "no") return healthcheck?.test === undefined ? ["has no health check"] : [];
  const awaited = Object.values(services).some(
    ({ depends_on }) => depends_on?.[name]?.condition === "service_completed_successfully",
  );
  return awaited || profiles !== undefined ? [] : ["is a one-shot that nothing waits for"];
}

/** Tidemark's own image is made here, from this checkout. */
function isOurs({ image }: Service): boolean {
  return image === settings.tidemarkImage.default;
}

function imageMistakes(service: Service): string[] {
  const { image = "" } = service;
  const tag = /:([^:/@]+)(@sha256:[0-9a-f]{64})?$/.exec(image)?.[1];
  if (tag === undefined || tag === "latest") return [`its image ${image || "(none)"} is not pinned`];
  return !isOurs(service) && !/^v?\d+\.\d+/.test(tag) ? [`its image ${image} is pinned to no version`] : [];
}

function boundaryMistakes(service: Service): string[] {
  const { ports = [], mem_limit, user, read_only, cap_drop } = service;
  const open = ports.filter((port) => !port.startsWith("127.0.0.1:"));
  return [
    ...open.map((port) => `publishes ${port} beyond this machine`),
    ...(mem_limit === undefined ? ["has no memory limit"] : []),
    ...(!isOurs(service) || (user !== undefined && !/^(0|root)\b/.test(user)) ? [] : ["runs as root"]),
    ...(!isOurs(service) || read_only === true ? [] : ["may write to its image"]),
    ...(!isOurs(service) || cap_drop?.includes("ALL") ? [] : ["keeps capabilities"]),
  ];
}

/** Tidemark's own services are told settings alone, and such as the programs accept. */
function settingMistakes(service: Service): string[] {
  const { environment = {} } = service;
  if (!isOurs(service)) return [];
  const names = new Set(Object.values(settings).map(({ env }) => env));
  const unknown = Object.keys(environment).filter((name) => !names.has(name));
  try {
    resolveConfig({}, environment);
    return unknown.map((name) => `${name} is no setting`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [...unknown.map((name) => `${name} is no setting`), ...error.mistakes];
  }
}

function volumeMistakes({ volumes = [] }: Service, compose: Compose): string[] {
  return volumes
    .map((volume) => volume.split(":")[0] ?? "")
    .filter((source) => !source.startsWith(".") && !Object.hasOwn(compose.volumes ?? {}, source))
    .map((source) => `mounts ${source}, which is no volume`);
}

function unusedVolumes({ services, volumes = {} }: Compose): string[] {
  const used = new Set(
    Object.values(services).flatMap((service) => (service.volumes ?? []).map((one) => one.split(":")[0])),
  );
  return Object.keys(volumes)
    .filter((name) => !used.has(name))
    .map((name) => `the volume ${name} is mounted by no service`);
}

function portClashes({ services }: Compose): string[] {
  const holders = new Map<string, string>();
  return Object.entries(services).flatMap(([name, { ports = [] }]) =>
    ports.flatMap((port) => {
      const published = port.split(":").at(-2) ?? "";
      const holder = holders.get(published);
      holders.set(published, name);
      return holder === undefined ? [] : [`${name}: publishes port ${published}, and so does ${holder}`];
    }),
  );
}

function cycles({ services }: Compose): string[] {
  const reaches = (from: string, wanted: string, seen: Set<string>): boolean =>
    Object.keys(services[from]?.depends_on ?? {}).some((next) => {
      if (next === wanted) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, wanted, seen);
    });
  return Object.keys(services).filter((name) => reaches(name, name, new Set()));
}

/** What differs here from a program's default on the host, on purpose. */
const ownDefaults = new Set(["WATCHDOG_TOKEN", "WATCHDOG_URL", "ALERT_EMAIL_TO", "SMTP_HOST", "SMTP_PORT", "SMTP_TLS"]);

/** Every `${NAME:-default}` is a setting, with that setting's default. */
function variableMistakes(compose: Compose): string[] {
  const byName = new Map(Object.values(settings).map((setting) => [setting.env as string, String(setting.default)]));
  const used = [...JSON.stringify(compose).matchAll(/\$\{([A-Z0-9_]+)(?::-([^{}]*))?/g)];
  const mistakes = used.flatMap(([, name = "", fallback = ""]) => {
    const expected = byName.get(name);
    if (expected === undefined) return [`\${${name}} is no setting`];
    if (ownDefaults.has(name) || fallback === expected) return [];
    return [`\${${name}} is ${fallback || "(empty)"} by default, and the setting ${expected || "(empty)"}`];
  });
  return [...new Set(mistakes)];
}
