import type { Page } from "playwright-core";
import type { Config } from "../../src/config.ts";
import { createPipeline, type Pipeline } from "../pipeline.ts";
import { openBrowser } from "./chromium.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { testEndpoints } from "./fixture.ts";
import { freePort } from "./free-port.ts";

export const TOKEN = "a-token-for-tests-only";
const SERVING = "serving the page";
const START_MS = 60_000;

/** A pipeline with rows of the last hour, its sink, a watchdog that tells of differences, and a browser. */
export type Site = AsyncDisposable & {
  readonly pipeline: Pipeline;
  readonly url: string;
  /** A page of a visitor of its own, once it is live; `problems` fills with what its console complains of. */
  open(view: "pipeline" | "dashboard"): Promise<Visit>;
  stopWatchdog(): Promise<void>;
  startWatchdog(overrides?: Partial<Config>): Promise<void>;
};

export type Visit = AsyncDisposable & { readonly page: Page; readonly problems: readonly string[] };

export async function openSite(): Promise<Site> {
  const pipeline = await createPipeline(await testEndpoints());
  const browser = await openBrowser();
  const config = { ...pipeline.config, watchdogPort: await freePort(), watchdogToken: TOKEN };
  const url = `http://127.0.0.1:${config.watchdogPort}`;
  let daemon: Daemon | undefined;
  const site: Site = {
    pipeline,
    url,
    async open(view) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(error.message));
      page.on("console", (message) => {
        if (/content security policy|echarts|lit/i.test(message.text())) problems.push(message.text());
      });
      await page.goto(`${url}/#${view}`);
      await page.locator(".connection.live").waitFor();
      return { page, problems, [Symbol.asyncDispose]: () => context.close() };
    },
    async stopWatchdog() {
      await daemon?.stop();
      daemon = undefined;
    },
    async startWatchdog(overrides = {}) {
      daemon = startDaemon(config, { healMode: "report", ...overrides });
      await daemon.until(SERVING, START_MS);
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await site.stopWatchdog();
      await pipeline[Symbol.asyncDispose]();
    },
  };
  try {
    await pipeline.startSink();
    await writeRows(pipeline);
    await pipeline.expectIdentical();
    await site.startWatchdog();
    return site;
  } catch (error) {
    await site[Symbol.asyncDispose]();
    throw error;
  }
}

/** Clicks and transactions of the last 50 minutes, with a keyword that is markup. */
async function writeRows({ sql }: Pipeline): Promise<void> {
  await sql`
    INSERT INTO clicks (session_id, event_name, traffic_source, search_keywords, created_at)
    SELECT 's' || n, (ARRAY['CLICK', 'SCROLL', 'SEARCH'])[1 + n % 3], (ARRAY['MOBILE', 'WEB'])[1 + n % 2],
      (ARRAY['Dress', 'Kaos', ${MARKUP}])[1 + n % 3], now() - n * interval '10 seconds'
    FROM generate_series(1, 300) n`;
  await sql`
    INSERT INTO transactions (customer_id, booking_id, payment_method, total_amount, quantity, product_id,
      shipment_location_lat, shipment_location_long, created_at)
    SELECT n, 'b' || n, (ARRAY['Gopay', 'OVO'])[1 + n % 2], 1000 * n, 1, n, -7 + n / 20.0, 107 + n / 10.0,
      now() - n * interval '1 minute'
    FROM generate_series(1, 45) n`;
}

/** What a visitor of the shop could search for. */
export const MARKUP = "<img src=x onerror=document.title='run'>";
