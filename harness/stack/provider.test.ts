import { expect, test } from "bun:test";
import { decideProvider } from "./provider.ts";

const noDocker = () => undefined;
const docker = () => "28.2.2";

test("who is named runs the servers, whatever the machine has", () => {
  for (const asked of ["native", "containers", "external"] as const) {
    expect(decideProvider(asked, "/opt/java", docker)).toEqual({ provider: asked, reason: `STACK_PROVIDER=${asked}` });
  }
});

test("unless named: a JDK makes it native, else Docker makes it containers, and it says why", () => {
  expect(decideProvider("auto", "/opt/java", docker)).toEqual({ provider: "native", reason: "a JDK is in /opt/java" });
  expect(decideProvider("auto", undefined, docker)).toEqual({
    provider: "containers",
    reason: "no JDK of 21 or later, and Docker 28.2.2 answers",
  });
});

test("with neither, native says what the machine lacks", () => {
  expect(decideProvider("auto", undefined, noDocker).provider).toBe("native");
});
