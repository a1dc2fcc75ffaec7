import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dashboard } from "./dashboard.ts";

/** Writes the dashboard's file anew: `bun run grafana`. */
export const file = join(import.meta.dir, "tidemark.json");

export const text = `${JSON.stringify(dashboard, null, 2)}\n`;

if (import.meta.main) writeFileSync(file, text);
