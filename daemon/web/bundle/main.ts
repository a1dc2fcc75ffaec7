import { openBundle } from "./bundle.ts";

/** `bun daemon/web/bundle/main.ts FOLDER` bundles the page ahead of time, for a watchdog with CACHE_DIR=FOLDER. */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("expected: main.ts FOLDER");
await openBundle(folder, new AbortController().signal);
