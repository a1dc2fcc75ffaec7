import { readPromql } from "./promql.ts";

export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** A metric with all that is printed of it. */
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
};

const VALUE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]Inf|NaN)$/i;

/**
 * Reads what a `/metrics` endpoint prints (text format 0.0.4), and refuses whatever Prometheus refuses or its linter
 * complains about: names and labels by its own grammar, one HELP and TYPE before the samples of each metric, no sample
 * twice, counters that end in `_total`, whole histograms.
 * @throws Error that names the line
 */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, Family & { samples: Sample[] }>();
  let help: [name: string, text: string] | undefined;
  let current: (Family & { samples: Sample[] }) | undefined;
  const seen = new Set<string>();
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line) ?? [];
    if (keyword === "HELP") help = [name, rest];
    else if (keyword === "TYPE") {
      if (help?.[0] !== name) throw new Error(`no help before: ${line}`);
      if (families.has(name)) throw new Error(`a second time: ${line}`);
      if (rest !== "counter" && rest !== "gauge" && rest !== "histogram") throw new Error(`unknown type: ${line}`);
      current = { name, help: help[1], type: rest, samples: [] };
      families.set(name, current);
    } else {
      const sample = readSample(line);
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) throw new Error(`a second time: ${line}`);
      seen.add(key);
      if (current === undefined || !namesOf(current).includes(sample.name)) throw new Error(`no type before: ${line}`);
      current.samples.push(sample);
    }
  }
  for (const family of families.values()) lint(family);
  return families;
}

/** Names under which a family's samples stand. */
export function namesOf({ name, type }: Pick<Family, "name" | "type">): readonly string[] {
  return type === "histogram" ? ["_bucket", "_sum", "_count"].map((suffix) => `${name}${suffix}`) : [name];
}

function readSample(line: string): Sample {
  const at = line.lastIndexOf(" ");
  const [selector, value] = [line.slice(0, at), line.slice(at + 1)];
  if (!VALUE.test(value)) throw new Error(`no value: ${line}`);
  const { selectors } = readPromql(selector);
  const [one] = selectors;
  if (one === undefined || selectors.length !== 1 || !/^[^ ]+(\{.*\})?$/.test(selector)) {
    throw new Error(`no sample: ${line}`);
  }
  return {
    name: one.metric,
    labels: Object.fromEntries(one.matchers.map(({ label, value }) => [label, value])),
    value: Number(value.replace("Inf", "Infinity")),
  };
}

function lint({ name, type, samples }: Family): void {
  if (type === "counter" && !name.endsWith("_total")) throw new Error(`${name}: a counter ends in _total`);
  if (type !== "counter" && /_(total|count|sum|bucket)$/.test(name)) throw new Error(`${name}: the name of no ${type}`);
  if (/_(ms|milliseconds|minutes|kilobytes|megabytes|percent)(_|$)/.test(name))
    throw new Error(`${name}: no base unit`);
  if (type === "counter" && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name}: below zero`);
  if (type === "histogram") lintHistogram(name, samples);
}

function lintHistogram(name: string, samples: readonly Sample[]): void {
  const series = Map.groupBy(samples, ({ labels: { le: _, ...others } }) => JSON.stringify(others));
  for (const [labels, own] of series) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`).map(({ value }) => value);
    const count = own.find((sample) => sample.name === `${name}_count`)?.value;
    const last = own.find(({ labels }) => labels.le === "+Inf")?.value;
    const rises = buckets.every((value, index) => index === 0 || value >= (buckets[index - 1] ?? 0));
    if (!rises || last === undefined || last !== count) throw new Error(`${name}${labels}: buckets that do not add up`);
  }
}
