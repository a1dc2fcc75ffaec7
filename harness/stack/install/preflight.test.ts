import { expect, test } from "bun:test";
import { findProblems, type Prerequisites } from "./preflight.ts";

const java = { home: "/jdk", version: 25 };
const fine: Prerequisites = {
  machine: { platform: "linux", architecture: "x64" },
  servers: ["postgres", "kafka", "connect", "elasticsearch"],
  javaFound: [java],
  java,
  mustInstall: true,
  maven: "/usr/bin/mvn",
  availableMiB: 4096,
};

test("a machine that has everything has no problem", () => {
  expect(findProblems(fine)).toEqual([]);
});

test.each<[string, Partial<Prerequisites>, RegExp]>([
  [
    "only an old JDK",
    { java: undefined, javaFound: [{ home: "/jdk17", version: 17 }] },
    /JDK of version 21 or later; found: 17 in \/jdk17\. Install one: apt install/,
  ],
  ["no JDK", { java: undefined, javaFound: [] }, /found: none\. Install one/],
  ["no Maven", { maven: null }, /Maven \(mvn\).*apt install maven/],
  ["too little memory", { availableMiB: 4095.9 }, /needs 4096 MiB of free memory .*4095 MiB are free/],
  ["Windows", { machine: { platform: "win32", architecture: "x64" } }, /not on win32: use WSL/],
])("%s is named, with what to install", (_, change, message) => {
  const problems = findProblems({ ...fine, ...change });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(message);
});

test("all problems are named at once", () => {
  expect(findProblems({ ...fine, java: undefined, maven: null, availableMiB: 100 })).toHaveLength(3);
});

test("what is installed needs no Maven, and one server needs its own memory only", () => {
  expect(findProblems({ ...fine, mustInstall: false, maven: null })).toEqual([]);
  expect(findProblems({ ...fine, servers: ["kafka"], availableMiB: 1024 })).toEqual([]);
});
