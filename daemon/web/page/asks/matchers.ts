/** Parts matchers at their commas, but for those within quotes: `kind=a, table="b,c"`. */
export function splitMatchers(text: string): string[] {
  const parts = text.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}
