import { expect, test } from "bun:test";
import { thisMachine } from "../machine.ts";
import { chooseJava, findJava, parseJavaVersion } from "./java.ts";

test.each([
  ['IMPLEMENTOR="Eclipse Adoptium"\nJAVA_VERSION="25.0.3"\n', 25],
  ['JAVA_VERSION="21"\n', 21],
  ['JAVA_RUNTIME_VERSION="21.0.1+9"\nJAVA_VERSION="17.0.15"\n', 17],
  ['JAVA_VERSION="1.8.0_412"\n', 8],
  ['IMPLEMENTOR="none"\n', undefined],
])("reads the version of %j", (release, version) => {
  expect(parseJavaVersion(release)).toBe(version as number);
});

const jdk = (version: number) => ({ home: `/jdk${version}`, version });

test.each<[string, number[], string | undefined, string | undefined]>([
  ["the newest when JAVA_HOME is not set", [17, 21, 25, 24], undefined, "/jdk25"],
  ["JAVA_HOME when it is new enough", [21, 25], "/jdk21", "/jdk21"],
  ["another when JAVA_HOME is too old", [17, 21], "/jdk17", "/jdk21"],
  ["none when all are too old", [8, 17], "/jdk17", undefined],
])("chooses %s", (_, versions, javaHome, chosen) => {
  expect(chooseJava(versions.map(jdk), javaHome)?.home).toBe(chosen as string);
});

test("finds a JDK beside an older java, and one that JAVA_HOME alone names", () => {
  const found = findJava(thisMachine());
  expect(chooseJava(found, undefined)?.version).toBeGreaterThanOrEqual(21);
  const home = found[0]?.home ?? "";
  const alone = { ...thisMachine({ JAVA_HOME: home, PATH: "" }), platform: "freebsd" as const, home: "/nonexistent" };
  expect(findJava(alone).map((java) => java.home)).toEqual([home]);
});
