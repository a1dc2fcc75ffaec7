import type { ReplayEvent } from "./events.ts";

/** One file's events with a look at the next. */
class Cursor {
  private batch: readonly ReplayEvent[] = [];
  private at = 0;

  constructor(private readonly source: AsyncGenerator<readonly ReplayEvent[]>) {}

  /** The next event without taking it, or undefined when a read is needed. */
  peek(): ReplayEvent | undefined {
    return this.batch[this.at];
  }

  take(): ReplayEvent | undefined {
    return this.batch[this.at++];
  }

  /** Reads on where nothing is at hand. @returns false at the end */
  async fill(): Promise<boolean> {
    while (this.at >= this.batch.length) {
      const next = await this.source.next();
      if (next.done) return false;
      this.batch = next.value;
      this.at = 0;
    }
    return true;
  }

  async close(): Promise<void> {
    await this.source.return(undefined);
  }
}

/** Merges files that are each in time order into one order; of equal times the earlier file's comes first. */
export class Merge {
  private cursors: Cursor[];

  constructor(sources: readonly AsyncGenerator<readonly ReplayEvent[]>[]) {
    this.cursors = sources.map((source) => new Cursor(source));
  }

  /** The next event in time without taking it; undefined at the end of all. */
  async peek(): Promise<ReplayEvent | undefined> {
    return (await this.first())?.peek();
  }

  /** Takes events as long as `wanted` says so of the next, at most `limit`. */
  async takeWhile(wanted: (event: ReplayEvent) => boolean, limit: number): Promise<readonly ReplayEvent[]> {
    const taken: ReplayEvent[] = [];
    while (taken.length < limit) {
      const cursor = await this.first();
      const event = cursor?.peek();
      if (cursor === undefined || event === undefined || !wanted(event)) break;
      taken.push(event);
      cursor.take();
    }
    return taken;
  }

  async close(): Promise<void> {
    await Promise.all(this.cursors.map((cursor) => cursor.close()));
  }

  private async first(): Promise<Cursor | undefined> {
    let best: Cursor | undefined;
    for (const cursor of this.cursors) {
      if (cursor.peek() === undefined && !(await cursor.fill())) continue;
      const time = cursor.peek()?.timeMs ?? 0;
      if (best === undefined || time < (best.peek()?.timeMs ?? 0)) best = cursor;
    }
    return best;
  }
}
