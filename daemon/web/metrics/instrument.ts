import { Counter, Gauge, type Registry } from "prom-client";

export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | null];

/** A metric whose every value is read when it is asked for. */
export type Instrument<Source> = {
  readonly type: "gauge" | "counter";
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Null values are left out: what has not happened has no figure. */
  readonly samples: (source: Source) => readonly Sample[];
};

/**
 * Puts metrics into a registry. While there is nothing to read they have no values at all, rather than old ones.
 * @param read the same answer for all that ask at once
 */
export function register<Source>(
  registry: Registry,
  instruments: readonly Instrument<Source>[],
  read: () => Promise<Source | undefined>,
): void {
  for (const { type, name, help, labels, samples } of instruments) {
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    const metric = type === "gauge" ? new Gauge(options) : new Counter(options);
    const clear = () => {
      metric.reset();
      // Without labels a reset leaves a zero.
      if (labels.length === 0) metric.remove();
    };
    clear();
    // `collect` is called as a method of a metric, and so takes it from there.
    Object.assign(metric, {
      collect: async () => {
        const source = await read();
        clear();
        if (source === undefined) return;
        for (const [values, value] of samples(source)) if (value !== null) metric.inc(values, value);
      },
    });
  }
}
