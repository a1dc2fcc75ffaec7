import { type Matcher, parseMatcher } from "../../alerts/incidents/matcher.ts";
import { Failure } from "../answer/failure.ts";
import type { Fields } from "./fields.ts";

/** A silence that is asked for. */
export type ReadSilence = {
  readonly matchers: readonly Matcher[];
  readonly author: string;
  readonly reason: string;
  readonly durationMs: number;
};

const MATCHERS = 20;
const MAX_SECONDS = 90 * 86_400;

/** Reads a NewSilence. @throws Failure 400 */
export function readSilence(fields: Fields): ReadSilence {
  const matchers = fields.texts("matchers", MATCHERS, 500);
  const read = {
    author: fields.text("author", 100),
    reason: fields.text("reason", 500),
    durationMs: fields.integer("durationSeconds", 1, MAX_SECONDS) * 1000,
  };
  fields.end();
  try {
    return { matchers: matchers.map(parseMatcher), ...read };
  } catch (error) {
    throw new Failure(400, "matchers is wrong", (error as Error).message.replace(/^expected /, ""));
  }
}
