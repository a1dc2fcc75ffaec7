import {
  type Interval,
  joinNeighbours,
  type Listed,
  NOTHING,
  type Region,
  type Side,
  type Sum,
  sameSum,
} from "./region.ts";

/** A row that the two sides' lists disagree on; not yet a divergence, since both were read while writes went on. */
export type Suspect = {
  readonly id: string;
  readonly bucketMs: number | null;
  /** Version of the document at this first sight; null where there was none. */
  readonly sightedVersion: number | null;
};

export type BucketResult = {
  /** Start of the bucket in milliseconds; null for the rows outside of all buckets. */
  readonly startMs: number | null;
  readonly postgres: Sum;
  readonly elasticsearch: Sum;
  readonly differs: boolean;
};

export type Comparison = {
  readonly buckets: readonly BucketResult[];
  readonly suspects: readonly Suspect[];
  /** More rows differ than were listed: compare again when these are healed. */
  readonly truncated: boolean;
};

export type CompareOptions = {
  readonly widthMs: number;
  /** Suspects at most; beyond them the comparison only counts. */
  readonly maxSuspects: number;
  /** Documents without a digest, of a time. */
  readonly undigested: (time: Region["time"]) => Promise<ReadonlyMap<string, Listed>>;
};

/** Groups of at most this many rows are listed and merged by key; larger ones are split by their digests. */
const MERGE_ROWS = 4_000;
const DIGEST_SPACE = 2 ** 32;
const SPLIT = 256;

/** Compares an interval: buckets first, then only what differs, down to single rows. */
export async function compareInterval(
  postgres: Side,
  elasticsearch: Side,
  interval: Interval,
  options: CompareOptions,
): Promise<Comparison> {
  const [ours, theirs] = await Promise.all([
    postgres.bucketSums(interval, options.widthMs),
    elasticsearch.bucketSums(interval, options.widthMs),
  ]);
  const buckets: BucketResult[] = [];
  for (const startMs of [...new Set([...ours.keys(), ...theirs.keys()])].sort((a, b) => a - b)) {
    buckets.push(bucketResult(startMs, ours.get(startMs), theirs.get(startMs)));
  }
  const drill = new DrillDown(postgres, elasticsearch, options);
  for (const bucket of buckets) {
    if (!bucket.differs || bucket.startMs === null) continue;
    const fromMs = Math.max(interval.fromMs, bucket.startMs);
    const toMs = Math.min(interval.toMs, bucket.startMs + options.widthMs);
    await drill.into({ time: { fromMs, toMs } }, bucket);
  }
  return { buckets, suspects: drill.suspects, truncated: drill.truncated };
}

/** Compares the rows that are in no bucket. */
export async function compareOutside(postgres: Side, elasticsearch: Side, options: CompareOptions) {
  const region: Region = { time: "outside" };
  const [ours, theirs] = await Promise.all([postgres.regionSum(region), elasticsearch.regionSum(region)]);
  // Their times are beyond what one side or the other can hold: the digests cover them.
  const bucket = bucketResult(null, { ...ours, latestMs: null }, { ...theirs, latestMs: null });
  const drill = new DrillDown(postgres, elasticsearch, options);
  if (bucket.differs) await drill.into(region, bucket);
  return { buckets: [bucket], suspects: drill.suspects, truncated: drill.truncated };
}

function bucketResult(startMs: number | null, postgres: Sum = NOTHING, elasticsearch: Sum = NOTHING): BucketResult {
  return { startMs, postgres, elasticsearch, differs: !sameSum(postgres, elasticsearch) };
}

/** Collects the suspects of regions that differ. */
class DrillDown {
  private readonly found = new Map<string, Suspect>();
  truncated = false;

  constructor(
    private readonly postgres: Side,
    private readonly elasticsearch: Side,
    private readonly options: CompareOptions,
  ) {}

  get suspects(): readonly Suspect[] {
    return [...this.found.values()];
  }

  async into(region: Region, bucket: BucketResult): Promise<void> {
    const bucketMs = bucket.startMs;
    const undigested = await this.options.undigested(region.time);
    if (this.isSmall(bucket.postgres, bucket.elasticsearch)) await this.merge(region, bucketMs, undigested);
    else {
      await this.split(region, DIGEST_SPACE / SPLIT, bucketMs);
      for (const [id, { version }] of undigested) this.add({ id, bucketMs, sightedVersion: version ?? null });
    }
  }

  private isSmall(postgres: Sum, elasticsearch: Sum): boolean {
    return Math.max(postgres.count, elasticsearch.count) <= MERGE_ROWS;
  }

  /**
   * Groups by digest: a row that differs stands in a group of each side that differs too, wherever it stands in time.
   * Small groups are listed together, since each list reads the whole region.
   */
  private async split(region: Region, width: number, bucketMs: number | null): Promise<void> {
    const [ours, theirs] = await Promise.all([
      this.postgres.digestSums(region, width),
      this.elasticsearch.digestSums(region, width),
    ]);
    let together: number[] = [];
    let rows = 0;
    const mergeTogether = async () => {
      const part: Region = { ...region, digests: joinNeighbours(together, width) };
      if (together.length > 0 && !this.truncated) await this.merge(part, bucketMs, new Map());
      [together, rows] = [[], 0];
    };
    for (const from of new Set([...ours.keys(), ...theirs.keys()])) {
      if (this.truncated) return;
      const [one, other] = [ours.get(from) ?? NOTHING, theirs.get(from) ?? NOTHING];
      if (sameSum(one, other)) continue;
      if (!this.isSmall(one, other) && width > 1) {
        await this.split({ ...region, digests: [{ from, to: from + width }] }, width / SPLIT, bucketMs);
        continue;
      }
      const count = Math.max(one.count, other.count);
      if (rows + count > MERGE_ROWS) await mergeTogether();
      together.push(from);
      rows += count;
    }
    await mergeTogether();
  }

  private async merge(region: Region, bucketMs: number | null, undigested: ReadonlyMap<string, Listed>): Promise<void> {
    // Twice as many as counted: rows may have come since.
    const limit = 2 * MERGE_ROWS;
    const [ours, theirs] = await Promise.all([
      this.postgres.list(region, limit),
      this.elasticsearch.list(region, limit),
    ]);
    for (const id of differingIds(ours, new Map([...theirs, ...undigested]))) {
      const version = theirs.get(id)?.version ?? undigested.get(id)?.version ?? null;
      this.add({ id, bucketMs, sightedVersion: version });
    }
  }

  /** A row that is in two groups, by its old and its new digest or time, is one suspect. */
  private add(suspect: Suspect): void {
    const known = this.found.get(suspect.id);
    if (known === undefined && this.found.size >= this.options.maxSuspects) this.truncated = true;
    else this.found.set(suspect.id, suspect.sightedVersion === null && known ? known : suspect);
  }
}

/** Ids that only one list has, or that have different digests; pure. */
export function differingIds(ours: ReadonlyMap<string, Listed>, theirs: ReadonlyMap<string, Listed>): string[] {
  const ids = [...ours.keys()].filter((id) => theirs.get(id)?.digest !== ours.get(id)?.digest);
  for (const id of theirs.keys()) if (!ours.has(id)) ids.push(id);
  return ids;
}
