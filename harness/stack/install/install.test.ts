import { afterAll, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeFile } from "./checksums.ts";
import { install, installationFolder, isInstalled } from "./install.ts";

const root = mkdtempSync(join(tmpdir(), "tidemark-install-"));
afterAll(() => rmSync(root, { recursive: true }));

const infra = join(import.meta.dir, "../../../infra/native");
const java = { home: "/nonexistent", version: 25 };
const onProgress = () => {};

/** An installation with one jar, as an earlier `install` would have left it. */
function createInstalled(name: string) {
  const options = { source: infra, cacheDir: join(root, name), onProgress };
  const folder = installationFolder(options);
  mkdirSync(join(folder, "kafka"), { recursive: true });
  writeFileSync(join(folder, "kafka/one.jar"), "jar");
  writeFileSync(join(folder, "manifest.json"), JSON.stringify([describeFile(folder, "kafka/one.jar")]));
  return { options, folder };
}

test("what is in the cache is used as it is, without Maven or javac", async () => {
  const { options, folder } = createInstalled("kept");
  expect((await install(options, java)).kafkaJars).toBe(join(folder, "kafka", "*"));
});

test("a jar that changed in the cache is named, with what to do", async () => {
  const { options, folder } = createInstalled("damaged");
  writeFileSync(join(folder, "kafka/one.jar"), "evil jar");
  await expect(install(options, java)).rejects.toThrow(
    /kafka\/one\.jar: expected sha256 \w{64}, got \w{64}\nRemove that folder/,
  );
});

test("another pom, source or list of checksums is another installation", () => {
  const cacheDir = join(root, "keys");
  const before = installationFolder({ source: infra, cacheDir });
  for (const file of ["pom.xml", "checksums.txt", "java/launcher/tidemark/ElasticsearchLauncher.java"]) {
    const source = join(root, "source", file.replaceAll("/", "-"));
    cpSync(infra, source, { recursive: true });
    expect(installationFolder({ source, cacheDir })).toBe(before);
    writeFileSync(join(source, file), "changed");
    expect(installationFolder({ source, cacheDir })).not.toBe(before);
  }
});

test("a download that is not what is pinned is refused, named, and not kept", async () => {
  const source = join(root, "pinned");
  cpSync(infra, source, { recursive: true });
  writeFileSync(join(source, "checksums.txt"), `${"0".repeat(64)}  kafka/kafka_2.13-4.3.1.jar\n`);
  const options = { source, cacheDir: join(root, "refused"), onProgress };
  const failure = await install(options, java).then(String, String);
  expect(failure).toMatch(/kafka\/kafka_2\.13-4\.3\.1\.jar: expected sha256 0{64}, got [1-9a-f]\w+/);
  expect(failure).toMatch(/plugins\/.*debezium-connector-postgres.*: expected no such file/);
  expect(failure).toContain("bun run stack pin");
  expect(isInstalled(options)).toBe(false);
  expect(
    existsSync(options.cacheDir) ? readdirSync(options.cacheDir).filter((name) => name.includes("native")) : [],
  ).toEqual([]);
}, 300_000);
