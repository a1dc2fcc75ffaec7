import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const css = readFileSync(join(import.meta.dir, "tokens.css"), "utf8");
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name = "", light = "", dark = ""]) => [
    name,
    { light, dark },
  ]),
);
const TEXTS = ["text", "quiet", "accent", "verified", "in-flight", "healing", "diverged", "unverified"];
const GROUNDS = ["ground", "surface", "raised"];

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((left, right) => left - right);
  return (lighter + 0.05) / (darker + 0.05);
}

for (const scheme of ["light", "dark"] as const) {
  test(`every text and state colour stands out from every ground by 4.5:1, ${scheme}`, () => {
    const weak = TEXTS.flatMap((text) =>
      GROUNDS.map((ground) => ({
        pair: `${text} on ${ground}`,
        ratio: contrast(tokens.get(text)?.[scheme] ?? "#000000", tokens.get(ground)?.[scheme] ?? "#000000"),
      })),
    ).filter(({ ratio }) => ratio < 4.5);
    expect(weak).toEqual([]);
  });
}
