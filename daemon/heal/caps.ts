/** How much may be healed without a person. */
export type Caps = {
  readonly maxRows: number;
  readonly maxPercent: number;
};

/** Below this many rows the share of a table says nothing: three rows of ten are no mass rewrite. */
const SMALL = 1_000;

/** Why a heal of `rows` rows must wait for a person; undefined where it may go on. Pure. */
export function beyondCaps(rows: number, tableRows: number, caps: Caps): string | undefined {
  if (rows > caps.maxRows) return `${rows} rows differ, more than HEAL_MAX_ROWS=${caps.maxRows}`;
  const percent = Math.round((100 * rows) / Math.max(1, tableRows));
  if (rows > SMALL && rows > (tableRows * caps.maxPercent) / 100) {
    return `${rows} rows differ, ${percent} % of the table, more than HEAL_MAX_PERCENT=${caps.maxPercent}`;
  }
  return undefined;
}
