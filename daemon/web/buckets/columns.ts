/** The columns of a heat map: as many whole buckets as make a column, from one instant to another. */
export type Columns = { readonly fromMs: number; readonly toMs: number; readonly columnMs: number };

/**
 * Columns that cover an interval, at most `columns` of them. They are aligned to the epoch, so that they stay where they
 * are while time goes on, and pages that ask a second apart get the same. Pure.
 */
export function columnsOf(fromMs: number, toMs: number, columns: number, bucketMs: number): Columns {
  let columnMs = Math.max(1, Math.ceil((toMs - fromMs) / columns / bucketMs)) * bucketMs;
  for (;;) {
    const from = Math.floor(fromMs / columnMs) * columnMs;
    const to = Math.max(from + columnMs, Math.ceil(toMs / columnMs) * columnMs);
    if ((to - from) / columnMs <= columns || columns < 2) return { fromMs: from, toMs: to, columnMs };
    columnMs += bucketMs;
  }
}
