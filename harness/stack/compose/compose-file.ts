import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OperationError } from "../../../src/errors.ts";
import { thisMachine } from "../machine.ts";

/** What Tidemark reads of a service in its compose file. */
export interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** As `HOST-ADDRESS:PORT:PORT-INSIDE`. */
  readonly ports?: readonly string[];
  readonly mem_limit?: string;
  readonly shm_size?: string;
}

/** PostgreSQL as Kafka Connect reaches it within the compose file's network. */
export const postgresForConnect = { connectPostgresHost: "postgres", connectPostgresPort: 5432 } as const;

/** The project's compose file. */
export function composePath(): string {
  return join(thisMachine().checkout, "infra/compose.yaml");
}

/** The compose file as it stands, anchors resolved. */
export function parseCompose(path = composePath()): Record<string, unknown> {
  return Bun.YAML.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
}

/** A service of the compose file, its `${NAME:-default}` filled from `variables`. @throws OperationError without one */
export function readService(name: string, variables: Readonly<Record<string, string | undefined>>): ComposeService {
  const services = parseCompose().services as Record<string, ComposeService>;
  const service = services[name];
  if (service === undefined) throw new OperationError(`${composePath()} has no service ${name}`);
  return interpolate(service, variables) as ComposeService;
}

/** Fills `${NAME}` and `${NAME:-default}` in every string, as compose does; `$$` is a dollar sign. Pure. */
export function interpolate(value: unknown, variables: Readonly<Record<string, string | undefined>>): unknown {
  if (typeof value === "string") return fill(value, variables);
  if (Array.isArray(value)) return value.map((entry) => interpolate(entry, variables));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, interpolate(entry, variables)]));
}

function fill(text: string, variables: Readonly<Record<string, string | undefined>>): string {
  let result = "";
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== "$") result += text[at];
    else if (text[at + 1] === "$") {
      result += "$";
      at++;
    } else if (text[at + 1] === "{") {
      const end = closingBrace(text, at + 2);
      const [, name = "", fallback = ""] = /^([A-Z][A-Z0-9_]*)(?::-([\s\S]*))?$/.exec(text.slice(at + 2, end)) ?? [];
      if (name === "") throw new OperationError(`expected \${NAME} or \${NAME:-default} in ${text}`);
      result += variables[name] || fill(fallback, variables);
      at = end;
    } else throw new OperationError(`expected \${NAME}, or $$ for a dollar sign, in ${text}`);
  }
  return result;
}

/** Where the brace that was opened before `from` is closed; a default may hold variables itself. */
function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) return at;
  }
  throw new OperationError(`expected a closing brace in ${text}`);
}

/** Bytes of a size such as 512m or 2g. @throws OperationError for any other text */
export function sizeInBytes(size: string): number {
  const [, count, unit = ""] = /^(\d+)([kmg])$/.exec(size) ?? [];
  if (count === undefined) throw new OperationError(`expected a size such as 512m or 2g, got ${size}`);
  return Number(count) * 1024 ** ("kmg".indexOf(unit) + 1);
}
