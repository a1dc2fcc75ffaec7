import { expect, test } from "bun:test";
import { kafkaFindings } from "./kafka.ts";

test("a Kafka that does not answer is named with its address and the reason, one fault whatever the reason", () => {
  const [one] = kafkaFindings("b1:9092,b2:9092", "ECONNREFUSED");
  const [other] = kafkaFindings("b1:9092,b2:9092", "timed out");
  expect(one).toMatchObject({ kind: "kafka-unreachable", severity: "critical", facts: { reason: "ECONNREFUSED" } });
  expect(one?.summary).toContain("b1:9092,b2:9092");
  expect(other?.labels).toEqual(one?.labels ?? {});
});
