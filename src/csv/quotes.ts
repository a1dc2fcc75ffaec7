const QUOTE = 0x22;
const COMMA = 0x2c;

/** Where a piece of a CSV record ends: outside of quotes, inside of them, or against the grammar of RFC 4180. */
export type QuoteState = "closed" | "open" | "invalid";

/**
 * Follows the quotes of one physical line (without its line end); pure.
 * @param open whether the line before ended inside of a quoted field
 */
export function followQuotes(line: Uint8Array, open: boolean): QuoteState {
  let quoted = open;
  let atFieldStart = !open;
  for (let at = 0; at < line.length; at++) {
    const byte = line[at];
    if (quoted) {
      if (byte !== QUOTE) continue;
      const next = line[at + 1];
      if (next === QUOTE) at++;
      else if (next === undefined || next === COMMA) quoted = false;
      else return "invalid";
    } else if (byte === QUOTE) {
      if (!atFieldStart) return "invalid";
      quoted = true;
    }
    atFieldStart = byte === COMMA && !quoted;
  }
  return quoted ? "open" : "closed";
}
