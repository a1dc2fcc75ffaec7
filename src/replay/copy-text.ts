const special = /[\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** A row in COPY's text format (PostgreSQL's manual, COPY, "Text Format"). */
export function copyLine(values: readonly (string | null)[]): string {
  return `${values.map(copyValue).join("\t")}\n`;
}

function copyValue(value: string | null): string {
  if (value === null) return "\\N";
  return special.test(value) ? value.replace(/[\\\t\n\r]/g, (character) => escapes[character] as string) : value;
}
