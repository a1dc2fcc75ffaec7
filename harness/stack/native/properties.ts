import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a Java properties file. Backslashes are escaped, as that format asks for. */
export function writeProperties(file: string, properties: Readonly<Record<string, string | number | boolean>>): void {
  mkdirSync(dirname(file), { recursive: true });
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${String(value).replaceAll("\\", "\\\\")}\n`);
  writeFileSync(file, lines.join(""));
}
