/**
 * Bundles the page in a process of its own, for it takes memory that the watchdog would keep: `build.ts SOURCE OUT`.
 * Each file is written with its compressed forms beside it.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [source, out] = process.argv.slice(2);
if (source === undefined || out === undefined) throw new Error("expected: build.ts SOURCE OUT");

const { success, logs } = await Bun.build({
  entrypoints: [join(source, "index.html")],
  outdir: out,
  minify: true,
  splitting: true,
  publicPath: "/",
  define: { "process.env.NODE_ENV": '"production"' },
  naming: { entry: "[name].[ext]", chunk: "assets/[name]-[hash].[ext]", asset: "assets/[name]-[hash].[ext]" },
});
for (const log of logs) console.error(String(log));
if (!success) process.exit(1);

for (const name of readdirSync(out, { recursive: true, encoding: "utf8" })) {
  const file = join(out, name);
  // Fonts and pictures are compressed by their own formats.
  if (!statSync(file).isFile() || /\.(woff2?|png|jpe?g|webp|avif)$/.test(name)) continue;
  const bytes = readFileSync(file);
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: quality }));
}
