/** A position in PostgreSQL's log as an integer: `16/B374D848` is 0x16 * 2^32 + 0xB374D848. */
export function parseLsn(text: string): number {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (match === null) throw new Error(`expected an LSN such as 16/B374D848, got ${text}`);
  return Number.parseInt(match[1] ?? "", 16) * 2 ** 32 + Number.parseInt(match[2] ?? "", 16);
}

/** The integer as PostgreSQL writes it. */
export function formatLsn(lsn: number): string {
  const high = Math.floor(lsn / 2 ** 32);
  return `${high.toString(16)}/${(lsn - high * 2 ** 32).toString(16)}`.toUpperCase();
}
