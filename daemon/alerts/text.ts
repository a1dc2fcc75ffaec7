/**
 * Text from data as one line of at most `limit` UTF-16 units: control and format characters (line ends, and those that
 * reorder what is shown: CVE-2021-42574) become spaces, halves of surrogate pairs U+FFFD.
 */
export function oneLine(text: string, limit: number): string {
  const clean = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
  return clip(clean.trim(), limit);
}

/** Like oneLine, line by line: a remedy may be a command of several lines. */
export function manyLines(text: string, limit: number): string {
  const lines = text.split(/\r\n|[\n\r]/).map((line) => oneLine(line, limit));
  return clip(lines.join("\n").trim(), limit);
}

/** The text's first `limit` UTF-16 units at most; an ellipsis, counted in, stands for the rest. Never halves a character. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, Math.max(0, limit - 1)).replace(/[\ud800-\udbff]$/, "")}…`;
}
