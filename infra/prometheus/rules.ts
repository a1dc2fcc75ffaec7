import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

/** The alert rules, as alerts.yml has them. */
export function readRules(): readonly Rule[] {
  const { groups } = readYaml("alerts.yml") as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** Names of the jobs that the example of a configuration scrapes. */
export function readJobs(): readonly string[] {
  const config = readYaml("prometheus.yml") as { readonly scrape_configs: readonly { readonly job_name: string }[] };
  return config.scrape_configs.map(({ job_name }) => job_name);
}

function readYaml(name: string): unknown {
  return Bun.YAML.parse(readFileSync(join(import.meta.dir, name), "utf8"));
}
