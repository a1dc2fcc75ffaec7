import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultFolders, serverEnvironment, thisMachine } from "./machine.ts";
import { expectEnterable, unprivilegedUser } from "./native/user.ts";
import { createStackDir, removeStackDir } from "./state.ts";

const root = mkdtempSync(join(tmpdir(), "tidemark-state-"));
afterAll(() => rmSync(root, { recursive: true }));

test("a folder with other files is no stack's, and is left alone", () => {
  writeFileSync(join(root, "thesis.tex"), "");
  expect(() => createStackDir(root)).toThrow("it holds thesis.tex");
});

test("purging removes what a stack made, and nothing else", () => {
  const dir = join(root, "stack");
  createStackDir(dir);
  mkdirSync(join(dir, "kafka/data"), { recursive: true });
  writeFileSync(join(dir, "notes"), "");
  removeStackDir(dir);
  expect(existsSync(join(dir, "kafka"))).toBe(false);
  expect(existsSync(join(dir, "notes"))).toBe(true);
});

test.each([
  ["root", { isRoot: true }, {}, "/var/lib/tidemark/shop-", "/var/cache/tidemark"],
  ["a user", { isRoot: false }, {}, "/home/ann/.local/state/tidemark/shop-", "/home/ann/.cache/tidemark"],
  [
    "a user with XDG folders",
    { isRoot: false },
    { XDG_STATE_HOME: "/s", XDG_CACHE_HOME: "/c" },
    "/s/tidemark/shop-",
    "/c/tidemark",
  ],
])("the folders of %s are outside the checkout", (_, who, environment, stackDir, cacheDir) => {
  const machine = { ...thisMachine(environment), ...who, home: "/home/ann", checkout: "/home/ann/shop" };
  const folders = defaultFolders(machine);
  expect(folders.stackDir).toMatch(new RegExp(`^${stackDir}[0-9a-f]{8}$`));
  expect(folders.cacheDir).toBe(cacheDir);
  expect(defaultFolders({ ...machine, checkout: "/srv/shop" }).stackDir).not.toBe(folders.stackDir);
});

test("servers get none of our environment but PATH", () => {
  const environment = serverEnvironment(
    thisMachine({ PATH: "/bin", POSTGRES_ADMIN_PASSWORD: "secret", JAVA_TOOL_OPTIONS: "x" }),
  );
  expect(Object.keys(environment).sort()).toEqual(["LANG", "PATH", "TZ"]);
});

const passwd = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";

test.each([
  [
    "the owner of the data",
    `${passwd}postgres:x:101:104::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\n`,
    { uid: 1000, gid: 1000 },
    "ann",
  ],
  ["postgres where there is one", `${passwd}postgres:x:101:104::/:/bin/sh\n`, undefined, "postgres"],
  ["postgres rather than root", `${passwd}postgres:x:101:104::/:/bin/sh\n`, { uid: 0, gid: 0 }, "postgres"],
  ["nobody where there is no postgres", passwd, undefined, "nobody"],
])("PostgreSQL runs as %s when we are root", (_, text, owner, name) => {
  expect(unprivilegedUser(text, owner).name).toBe(name);
});

test("a folder that the unprivileged user may not enter is named, with the setting to change", () => {
  const closed = join(root, "closed");
  mkdirSync(join(closed, "inner"), { recursive: true, mode: 0o700 });
  expect(() => expectEnterable(join(closed, "inner"), "postgres", "STACK_DIR")).toThrow(
    /who may not enter .*\(mode 700\): chmod o\+x it, or set STACK_DIR/,
  );
});
