import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { OperationError } from "../../../src/errors.ts";

/** One file of the page, as it is sent. */
export type PageFile = {
  readonly type: string;
  readonly etag: string;
  /** By content coding: `br`, `gzip`, and `identity` where no coding makes it smaller. */
  readonly forms: Readonly<Partial<Record<"br" | "gzip" | "identity", Uint8Array<ArrayBuffer>>>>;
};

/** The page's files by their address: `/`, `/assets/index-1a2b3c.js`. */
export type Bundle = ReadonlyMap<string, PageFile>;

const SOURCE = join(import.meta.dir, "../page");
const LOCK = join(import.meta.dir, "../../../package-lock.json");
const BUILD_MS = 120_000;
/** Pages of other versions are kept for so long. */
const KEPT_MS = 7 * 86_400_000;

/**
 * The page, bundled once for its sources and the libraries' versions, and kept in the user's cache.
 * @throws OperationError with what the bundler said
 */
export async function openBundle(cacheDir: string, signal: AbortSignal, source = SOURCE): Promise<Bundle> {
  const folder = join(cacheDir === "" ? defaultCache() : cacheDir, `page-${fingerprint(source)}`);
  if (!existsSync(join(folder, "index.html"))) {
    await build(source, folder, signal);
    forgetOld(dirname(folder));
  }
  return read(folder);
}

async function build(source: string, folder: string, signal: AbortSignal): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const partial = mkdtempSync(`${folder}-`);
  try {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "build.ts"), source, partial], {
      stdout: "ignore",
      stderr: "pipe",
      signal,
      timeout: BUILD_MS,
    });
    const [said, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    if (code !== 0)
      throw new OperationError(`the page cannot be bundled: ${said.trim().slice(-2_000) || `exit ${code}`}`);
    try {
      renameSync(partial, folder);
    } catch (error) {
      // Another watchdog was faster.
      if (!existsSync(join(folder, "index.html"))) throw error;
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function forgetOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name);
    if (!/^page-[0-9a-f]{16}/.test(name)) continue;
    if (Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0) < KEPT_MS) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(folder: string): Bundle {
  const names = globSync("**/*", { cwd: folder }).filter(
    (name) => /\.[a-z0-9]+$/.test(name) && !/\.(gz|br)$/.test(name),
  );
  return new Map(
    names.map((name) => {
      const file = join(folder, name);
      const load = (path: string) => (existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined);
      const [br, gzip] = [load(`${file}.br`), load(`${file}.gz`)];
      const identity = load(file) ?? new Uint8Array();
      // What is compressed is kept so: who takes no coding is rare, and waits for it to be undone.
      const forms = br && gzip ? { br, gzip } : { identity };
      const etag = `"${Bun.hash(identity).toString(36)}"`;
      return [name === "index.html" ? "/" : `/${name}`, { type: Bun.file(file).type, etag, forms }] as const;
    }),
  );
}

function fingerprint(source: string): string {
  const hash = new Bun.CryptoHasher("sha256").update(Bun.version);
  const sources = globSync("**/*", { cwd: source }).filter((name) => /\.\w+$/.test(name));
  for (const name of sources.sort()) hash.update(`\0${name}\0`).update(readFileSync(join(source, name)));
  for (const file of [LOCK, join(import.meta.dir, "build.ts")]) if (existsSync(file)) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

function defaultCache(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const cache = environment.XDG_CACHE_HOME || join(homedir(), ".cache");
  return existsSync(homedir()) ? join(cache, "tidemark") : join(tmpdir(), "tidemark");
}
