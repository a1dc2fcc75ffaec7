import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBundle } from "./bundle.ts";
import { sendFile } from "./serve.ts";

const signal = new AbortController().signal;

function writePage(folder: string, script: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.html"), `<!doctype html><script type="module" src="./main.ts"></script>`);
  writeFileSync(join(folder, "main.ts"), script);
}

test("the page is bundled once for its sources, minified, and sent compressed under names that never change", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-page-"));
  try {
    const [source, cache] = [join(folder, "page"), join(folder, "cache")];
    writePage(source, `const longName: string = "seen"; document.title = longName + "${"x".repeat(2_000)}";`);
    const bundle = await openBundle(cache, signal, source);
    const script = [...bundle.keys()].find((path) => path !== "/") ?? "";
    expect(script).toMatch(/^\/assets\/index-[a-z0-9]{8}\.js$/);
    const file = bundle.get(script);
    if (file === undefined) throw new Error("there is no script");
    const ask = (coding: string) =>
      new Request(`http://localhost${script}`, { headers: { "accept-encoding": coding } });
    const zipped = sendFile(ask("gzip, br"), file, script);
    expect(zipped.headers.get("content-encoding")).toBe("br");
    expect((await zipped.bytes()).length).toBeLessThan(200);
    const plain = await sendFile(ask("identity"), file, script).text();
    expect(plain).toContain("seen");
    expect(plain).not.toContain("longName");
    const root = bundle.get("/");
    expect(root && (await sendFile(ask(""), root, "/").text())).toContain(`src="${script}"`);

    expect(await openBundle(cache, signal, source)).toEqual(bundle);
    expect(readdirSync(cache)).toHaveLength(1);
    const [old = ""] = readdirSync(cache);
    writePage(source, `document.title = "changed";`);
    expect([...(await openBundle(cache, signal, source)).keys()]).not.toContain(script);
    expect(readdirSync(cache)).toContain(old);
    const longAgo = new Date(Date.now() - 8 * 86_400_000);
    utimesSync(join(cache, old), longAgo, longAgo);
    writePage(source, `document.title = "again";`);
    await openBundle(cache, signal, source);
    expect(readdirSync(cache)).toHaveLength(2);
    expect(readdirSync(cache)).not.toContain(old);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 30_000);

test("a page that cannot be bundled says why, and leaves nothing half done", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-page-"));
  try {
    const [source, cache] = [join(folder, "page"), join(folder, "cache")];
    writePage(source, `import "./none.ts";`);
    await expect(openBundle(cache, signal, source)).rejects.toThrow(/the page cannot be bundled: .*none\.ts/s);
    expect(readdirSync(cache)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 30_000);
