export type Split =
  | { readonly fields: string[]; readonly problem?: undefined }
  | { readonly fields?: undefined; readonly problem: string };

/** Splits one record (without its line ending) into fields as RFC 4180 has it; a quote out of place is a problem. */
export function splitRecord(text: string): Split {
  if (!text.includes('"')) return { fields: text.split(",") };
  const fields: string[] = [];
  for (let start = 0; ; ) {
    if (text[start] !== '"') {
      const comma = text.indexOf(",", start);
      const field = comma < 0 ? text.slice(start) : text.slice(start, comma);
      if (field.includes('"')) return { problem: "a quote within a field that is not quoted" };
      fields.push(field);
      if (comma < 0) return { fields };
      start = comma + 1;
      continue;
    }
    let close = text.indexOf('"', start + 1);
    while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
    if (close < 0) return { problem: "a quote that is never closed" };
    fields.push(text.slice(start + 1, close).replaceAll('""', '"'));
    if (close + 1 === text.length) return { fields };
    if (text[close + 1] !== ",") return { problem: "text after a closing quote" };
    start = close + 2;
  }
}
