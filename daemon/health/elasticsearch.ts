import { messageOf } from "../../src/errors.ts";
import { indexAlias } from "../../src/tables.ts";
import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";
import type { Probe } from "./probe.ts";

/** Our indices, as Elasticsearch has them. */
export type IndexHealth = { readonly index: string; readonly red: boolean; readonly readOnly: boolean };

const REQUEST = { requestTimeout: 5_000 } as const;

/** Whether Elasticsearch answers, and can write to our indices. */
export function elasticsearchProbe(context: Context): Probe {
  return {
    name: "elasticsearch",
    kinds: ["elasticsearch-unreachable", "elasticsearch-red", "elasticsearch-read-only"],
    look: async () => elasticsearchFindings(await readIndices(context), context.config.elasticsearchUrl),
  };
}

async function readIndices({ client, config, tables }: Context): Promise<readonly IndexHealth[] | { reason: string }> {
  const index = tables.map((table) => indexAlias(config.indexPrefix, table));
  try {
    const settings = await client.indices.getSettings(
      { index, ignore_unavailable: true, flat_settings: true, name: "index.blocks.*" },
      REQUEST,
    );
    const health = await client.cluster.health({ level: "indices", timeout: "4s" }, REQUEST);
    const existing = await client.indices.getAlias({ index, ignore_unavailable: true }, REQUEST);
    return Object.keys(existing).map((name) => ({
      index: name,
      red: health.indices?.[name]?.status === "red",
      readOnly: isReadOnly(settings[name]?.settings),
    }));
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/** Set by Elasticsearch above the flood stage of its disk watermark, and taken away by it below the high one. */
function isReadOnly(settings: unknown): boolean {
  const blocked = (settings as Readonly<Record<string, unknown>> | undefined)?.["index.blocks.read_only_allow_delete"];
  return blocked === "true" || blocked === true;
}

/** Pure. */
export function elasticsearchFindings(
  indices: readonly IndexHealth[] | { readonly reason: string },
  url: string,
): readonly Finding[] {
  const labels = { server: "elasticsearch" };
  if ("reason" in indices) {
    return [
      {
        kind: "elasticsearch-unreachable",
        severity: "critical",
        labels,
        summary: `Elasticsearch at ${url} does not answer: the dashboard stands still`,
        facts: { reason: indices.reason.slice(0, 300) },
        remedy: "bun run stack status",
        action: "waits: Kafka keeps every change until the sink has written it",
      },
    ];
  }
  const [red, readOnly] = [indices.filter((one) => one.red), indices.filter((one) => one.readOnly)];
  const names = (some: readonly IndexHealth[]) => some.map(({ index }) => index).join(", ");
  return [
    ...(red.length === 0
      ? []
      : [
          {
            kind: "elasticsearch-red",
            severity: "critical" as const,
            labels,
            summary: `${red.length} of our indices are red: part of their documents cannot be reached`,
            facts: { indices: names(red) },
            remedy: `curl '${url}/_cluster/allocation/explain?pretty'`,
          },
        ]),
    ...(readOnly.length === 0
      ? []
      : [
          {
            kind: "elasticsearch-read-only",
            severity: "critical" as const,
            labels,
            summary: `Elasticsearch's disk is too full: ${readOnly.length} of our indices take no more writes`,
            facts: { indices: names(readOnly) },
            remedy: "free disk space: below the high watermark Elasticsearch lifts the block by itself",
            action: "waits: Kafka keeps every change until the sink has written it",
          },
        ]),
  ];
}
