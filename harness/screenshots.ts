import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { runCommand } from "../src/command.ts";
import { ExitCode } from "../src/errors.ts";
import { load } from "../src/load/load.ts";
import { createLog, silentLog } from "../src/log.ts";
import { replay } from "../src/replay/replay.ts";
import { openBrowser } from "./e2e/chromium.ts";
import { waitUntilVerified } from "./e2e/claims.ts";
import { startDaemon } from "./e2e/daemon.ts";
import { freePort } from "./e2e/free-port.ts";
import { deleteDocuments } from "./e2e/tamper.ts";
import { createPipeline, type Pipeline } from "./pipeline.ts";
import { openStack } from "./stack/open.ts";

const SAMPLE = join(import.meta.dir, "../data/sample");
const OUT = join(import.meta.dir, "../infra/screenshots");
const WIDTHS = { desktop: 1280, phone: 390 } as const;
/** Of the palette, in percent. */
const QUALITY = 96;
const MAX_BYTES = 150_000;
/** Rows of the day that are there when the pictures are taken; the others come while they are. */
const WRITTEN = 3_200;
const SPREAD_MINUTES = 58;
const LIVE_SPEED = 50;
/** How long the watchdog compares before: what the chart of runs shows. */
const RUNNING_MS = 60_000;

await runCommand({
  name: "screenshots",
  summary: "Runs the demo, deletes documents, and takes the pictures of the page that the README shows.",
  options: {},
  settings: ["stackProvider", "stackDir", "cacheDir"],
  run: async ({ config, signal }) => {
    const log = createLog("screenshots", config);
    const stack = openStack(config, { onProgress: (line) => log.info(line) });
    const wasRunning = (await stack.status()).every((server) => server.state === "ready");
    try {
      await stack.start();
      await using pipeline = await createPipeline(stack.endpoints);
      await takeAll(pipeline, signal, (line) => log.info(line));
      return ExitCode.done;
    } finally {
      if (!wasRunning && stack.provider === "native") await stack.stop();
    }
  },
});

async function takeAll(pipeline: Pipeline, signal: AbortSignal, tell: (line: string) => void): Promise<void> {
  const config = { ...pipeline.config, watchdogPort: await freePort() };
  await pipeline.startSink();
  await load({ config, dataDir: SAMPLE, log: silentLog, signal });
  const replaying = { config, dataDir: SAMPLE, log: silentLog } as const;
  await replay({ ...replaying, speed: "max", mode: "restart", limit: WRITTEN, signal });
  await spreadOverTheLastHour(pipeline);
  await pipeline.expectIdentical();
  tell("the rows are there");

  const ended = new AbortController();
  const live = replay({
    ...replaying,
    speed: LIVE_SPEED,
    mode: "resume",
    signal: AbortSignal.any([signal, ended.signal]),
  });
  try {
    await using browser = await openBrowser();
    const url = `http://127.0.0.1:${config.watchdogPort}`;
    mkdirSync(OUT, { recursive: true });
    {
      await using daemon = startDaemon(config, { watchdogRecentSeconds: 3_600, healMode: "report" });
      await daemon.until("serving the page", 60_000);
      await waitUntilVerified(pipeline, 120_000);
      await deleteDocuments(pipeline, "clicks", await someClicks(pipeline));
      await takeEvidence(browser, url);
    }
    await using daemon = startDaemon(config, { watchdogRecentSeconds: 3_600 });
    await daemon.until("serving the page", 60_000);
    await Bun.sleep(RUNNING_MS);
    for (const view of ["pipeline", "dashboard"] as const) {
      for (const scheme of ["light", "dark"] as const) {
        for (const [name, width] of Object.entries(WIDTHS)) {
          await using visit = await open(browser, `${url}/#${view}`, width, scheme);
          await keep(visit.page, `${view}-${scheme}-${name}`);
          tell(`${view}, ${scheme}, ${name}`);
        }
      }
    }
  } finally {
    ended.abort();
    await live;
  }
}

/** As the day went, in an hour: a replay at full speed writes it all at one instant. */
async function spreadOverTheLastHour({ sql }: Pipeline): Promise<void> {
  const start = Date.now() - SPREAD_MINUTES * 60_000;
  for (const table of ["clicks", "transactions"] as const) {
    const file = readFileSync(join(SAMPLE, `one-day-${table}.csv`), "utf8");
    const times = (parse(file, { columns: true }) as { event_time: string }[]).map((row) => Date.parse(row.event_time));
    const ids = await sql<{ id: string }[]>`SELECT id FROM ${sql(table)} ORDER BY id`;
    const first = Date.parse("2022-07-31T00:00:00Z");
    const last = times[ids.length - 1] ?? first;
    const moved = ids.map(
      (_, at) => start + (((times[at] ?? first) - first) / (last - first)) * SPREAD_MINUTES * 60_000,
    );
    await sql`
      UPDATE ${sql(table)} SET created_at = to_timestamp(moved.ms / 1000)
      FROM unnest(${ids.map(({ id }) => id)}::bigint[], ${moved}::float8[]) AS moved (id, ms)
      WHERE ${sql(table)}.id = moved.id`;
  }
}

/** Ids of a dozen clicks of one minute, half an hour ago. */
async function someClicks({ sql }: Pipeline): Promise<readonly string[]> {
  const rows = await sql<{ id: string }[]>`
    SELECT id FROM clicks WHERE created_at > now() - interval '30 minutes' ORDER BY created_at LIMIT 12`;
  return rows.map(({ id }) => id);
}

/** The page while documents are gone, and the evidence of it. */
async function takeEvidence(browser: Browser, url: string): Promise<void> {
  await using visit = await open(browser, `${url}/#pipeline`, WIDTHS.desktop, "light");
  const { page } = visit;
  await page.locator(".cell.diverged").first().click({ timeout: 60_000 });
  await page.locator("dialog.side .divergences").waitFor();
  await page.locator(".incident").first().waitFor({ state: "attached", timeout: 60_000 });
  await keep(page, "evidence", { fullPage: false });
}

async function open(browser: Browser, url: string, width: number, colorScheme: "light" | "dark") {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator(".connection.live").waitFor();
  await page.locator(".cell, .cloud").first().waitFor();
  // Rates are of the last seconds.
  await page.waitForTimeout(4_000);
  return { page, [Symbol.asyncDispose]: () => context.close() };
}

/** Keeps a picture with few colours: an eighth of its size, and no eye sees it. */
async function keep(page: Page, name: string, { fullPage = true } = {}): Promise<void> {
  const path = join(OUT, `${name}.png`);
  const picture = sharp(await page.screenshot({ fullPage }));
  await picture.png({ palette: true, quality: QUALITY, effort: 10, compressionLevel: 9, dither: 0 }).toFile(path);
  const { size } = statSync(path);
  if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes, expected ${MAX_BYTES} at most`);
}
