import { expect, test } from "bun:test";
import type { ChannelState } from "../store/channels.ts";
import { channelFindings } from "./channels.ts";

const MINUTE = 60_000;
const NOW = 1_000 * MINUTE;
const channel: ChannelState = {
  ...{ name: "email", delivered: 4, failed: 2, failingSinceMs: null, disabledAtMs: null, lastError: "550", waiting: 3 },
};

const cases: readonly (readonly [string, Partial<ChannelState>, string | null])[] = [
  ["delivers", {}, null],
  ["has failed for less than 5 min", { failingSinceMs: NOW - 5 * MINUTE + 1 }, null],
  ["has failed for 5 min", { failingSinceMs: NOW - 5 * MINUTE }, "alerts do not get through by email"],
  ["was told to stop just now", { disabledAtMs: NOW, failingSinceMs: NOW }, "wants no more alerts"],
];

test.each(cases)("a channel that %s", (_name, change, said) => {
  const findings = channelFindings([{ ...channel, ...change }], NOW, 5 * MINUTE);
  expect(findings).toHaveLength(said === null ? 0 : 1);
  for (const { kind, severity, summary, labels, facts, remedy } of findings) {
    expect(`${kind} ${severity}`).toBe("channel-failing critical");
    expect(summary).toContain(said ?? "nothing");
    expect(labels).toEqual({ channel: "email" });
    expect(facts).toEqual({ waiting: 3, failed_attempts: 2, last_error: "550" });
    expect(remedy).toBe("bun run watchdog test-alert --channel email");
  }
});

test("a channel that is off is not said to try again", () => {
  const failing = { ...channel, failingSinceMs: 0 };
  const [tries, off] = channelFindings([failing, { ...failing, disabledAtMs: NOW }], NOW, MINUTE);
  expect(tries?.action).toContain("tries again");
  expect(off?.action).toBeUndefined();
});
