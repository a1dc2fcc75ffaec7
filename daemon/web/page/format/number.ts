const THIN_SPACE = "\u202f";
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Groups of three digits parted by thin spaces, wherever a text has them parted by commas. */
export function thin(text: string): string {
  return text.replace(/(?<=\d),(?=\d{3}(?!\d))/g, THIN_SPACE);
}

/** A count: `29 426`; a dash where it is not known. */
export function countText(count: number | null): string {
  return count === null ? "–" : thin(whole.format(count));
}

/** A rate: one decimal below 10. */
export function rateText(rate: number | null): string {
  return rate === null ? "–" : thin((rate < 10 ? tenths : whole).format(rate));
}

/** Bytes in decimal units: `1.2 MB`. */
export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${tenths.format(bytes / 1000 ** power)} ${BYTE_UNITS[power]}`;
}

/** A share from 0 to 1 in percent, rounded down: what is not whole must not read as 100. */
export function percentText(share: number): string {
  return `${tenths.format(Math.floor(share * 1000) / 10)} %`;
}

/** `1 row`, `12 rows`. */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}
