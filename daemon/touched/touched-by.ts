import { microsFromText, zonedText } from "../../src/row-codec.ts";
import { versionOf } from "../../src/sink/envelope.ts";
import { ALL_TIME } from "../compare/region.ts";

/** An event time that a change touched, in milliseconds; null: one outside of all buckets. */
export type Touch = { readonly timeMs: number | null; readonly lsn: number };

/** The event times of the row before and after a change; none for what is no change of a row. Pure. */
export function touchedBy(timeColumn: string, value: Buffer | null): readonly Touch[] {
  if (value === null) return [];
  try {
    const { before, after, source } = JSON.parse(value.toString("utf8"));
    const lsn = versionOf(source?.lsn, source?.sequence);
    const times = new Set([before?.[timeColumn], after?.[timeColumn]].filter((time) => typeof time === "string"));
    return [...times].map((time) => ({ timeMs: timeOf(time), lsn }));
  } catch {
    // The sink puts what is no event aside; the scrub finds what it should have said.
    return [];
  }
}

function timeOf(zoned: string): number | null {
  const text = zonedText(zoned);
  const micros = text.endsWith("BC") ? null : microsFromText(text);
  if (micros === null) return null;
  const ms = Number(micros / 1000n);
  return ms >= ALL_TIME.fromMs && ms < ALL_TIME.toMs ? ms : null;
}
