import { type Matched, type Matcher, matches } from "./matcher.ts";

/** No message that a fault fires goes out while a silence matches it; times in milliseconds since 1970. */
export type Silence = {
  readonly id: number;
  readonly matchers: readonly Matcher[];
  readonly author: string;
  readonly reason: string;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
};

/** Whether any silence covers a fault now; pure. */
export function isSilenced(silences: readonly Silence[], fault: Matched, nowMs: number): boolean {
  return silences.some(
    ({ startsAtMs, endsAtMs, matchers }) => startsAtMs <= nowMs && nowMs < endsAtMs && matches(matchers, fault),
  );
}
