/** A counter's total at a moment, in milliseconds. */
export type Sample = { readonly atMs: number; readonly total: number };

/** Rates are of this long. */
const WINDOW_MS = 5_000;

/** Adds a sample, and forgets those before the window but for the last; one that fell begins anew. Pure. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.total < last.total) return [sample];
  const inside = samples.findIndex(({ atMs }) => atMs > sample.atMs - WINDOW_MS);
  const kept = inside < 0 ? samples.slice(-1) : samples.slice(Math.max(0, inside - 1));
  return [...kept, sample];
}

/** Per second, over the window; null where there is no time to judge by. Pure. */
export function ratePerSecond(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.atMs - first.atMs < 500) return null;
  return Math.round(((last.total - first.total) / (last.atMs - first.atMs)) * 10_000) / 10;
}

/** The rates of several counters. */
export class Rates<Name extends string> {
  private readonly samples = new Map<Name, readonly Sample[]>();

  add(name: Name, total: number, atMs = performance.now()): void {
    this.samples.set(name, withSample(this.samples.get(name) ?? [], { atMs, total }));
  }

  /** Per second; null where it is not known. */
  of(name: Name): number | null {
    return ratePerSecond(this.samples.get(name) ?? []);
  }
}
