/** Milliseconds since 1970 of a time as people type it. @throws Error that says what was expected */
export function parseTime(text: string): number {
  const ms = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) || !text.includes("T") ? text : `${text}Z`);
  if (Number.isNaN(ms)) throw new Error("expected a time such as 2026-11-24 or 2026-11-24T12:30:00Z");
  return ms;
}
