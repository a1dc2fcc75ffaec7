import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { poll } from "../poll.ts";
import { seriousViolations } from "./accessible.ts";
import { STACK_TIMEOUT_MS, testStack } from "./fixture.ts";
import { focusStops, reachedByTab } from "./keyboard.ts";
import { MARKUP, openSite, type Site, TOKEN } from "./site.ts";
import { deleteDocuments } from "./tamper.ts";

/** Several times what a quiet machine needs. */
const TIMEOUT_MS = 180_000;
const VIEWS = ["pipeline", "dashboard"] as const;
const SCHEMES = ["light", "dark"] as const;
let site: Site;

beforeAll(async () => {
  await testStack();
  site = await openSite();
}, STACK_TIMEOUT_MS);

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
}, TIMEOUT_MS);

/** Documents of clicks, as the page says. */
async function shownClicks(page: Page): Promise<number> {
  const text = await page.locator('tr[data-table="clicks"] [data-head="Documents"]').textContent();
  return Number(text?.replace(/\D/g, ""));
}

async function untilShown(page: Page, clicks: number, timeoutMs: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const cell = document.querySelector('tr[data-table="clicks"] [data-head="Documents"]');
      return Number(cell?.textContent?.replace(/\D/g, "")) >= wanted;
    },
    clicks,
    { timeout: timeoutMs, polling: 20 },
  );
}

async function signIn(page: Page): Promise<void> {
  await page.locator("dialog [name=token]").fill(TOKEN);
  await page.locator("dialog button[type=submit]").click();
}

test(
  "a document is on the page within 2 s of its row's commit",
  async () => {
    await using visit = await site.open("pipeline");
    const { page } = visit;
    await untilShown(page, 300, 20_000);
    const elapsed: number[] = [];
    for (let round = 0; round < 5; round++) {
      // At another time of the second each: the index is refreshed, and the page told, once in one.
      await Bun.sleep(200 * round);
      const before = await shownClicks(page);
      await site.pipeline.sql`INSERT INTO clicks (session_id) VALUES ('shown')`;
      const committed = performance.now();
      await untilShown(page, before + 1, 20_000);
      elapsed.push(Math.round(performance.now() - committed));
    }
    console.log("ms from commit to page", ...elapsed);
    // The median: on a busy machine, a single one may wait for another program.
    expect(elapsed.sort((left, right) => left - right)[2]).toBeLessThan(2_000);
  },
  TIMEOUT_MS,
);

test(
  "deleted documents turn their bucket red, its evidence names them, and a heal from the page turns it green, without a reload",
  async () => {
    await using visit = await site.open("pipeline");
    const { page } = visit;
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    await deleteDocuments(site.pipeline, "clicks", [100, 101]);
    await page.locator('.sentence[data-verdict="diverged"]').waitFor({ timeout: 30_000 });
    // At once, and not when the page next looks by itself.
    await page.locator(".cell.diverged").first().waitFor({ timeout: 10_000 });
    expect(await page.locator(".sentence").textContent()).toMatch(/2 rows of clicks differ/);

    await page.locator(".cell.diverged").first().click();
    await page.locator("dialog.side .divergences").getByText("100", { exact: true }).waitFor();
    expect(await page.locator("dialog.side .divergences").textContent()).toMatch(/missing/);
    await page.keyboard.press("Escape");

    const views = page.getByRole("navigation", { name: "Views" });
    await views.getByText("Dashboard").click();
    await page.locator(".panel.figure .caveats", { hasText: "2 rows" }).waitFor();
    await views.getByText("Pipeline").click();

    await page.locator('tr[data-table="clicks"] button', { hasText: "Heal" }).click();
    await page.locator("dialog button[type=submit]").click();
    await signIn(page);
    await page.locator('.sentence[data-verdict="exact"]').waitFor({ timeout: 30_000 });
    await page.locator(".cell.diverged").waitFor({ state: "detached", timeout: 10_000 });
    expect(await page.evaluate(() => "sameDocument" in globalThis)).toBe(true);
    await site.pipeline.expectIdentical();
  },
  TIMEOUT_MS,
);

test(
  "a token in the address signs in, and is gone from the address before the page is drawn",
  async () => {
    await using visit = await site.open("pipeline");
    const { page } = visit;
    await page.goto(`${site.url}/?signing-in#token=${TOKEN}`);
    await page.locator(".notice", { hasText: "Signed in" }).waitFor();
    expect(page.url()).toBe(`${site.url}/?signing-in`);
    const changed = await page.evaluate(() => fetch("/api/session").then((answer) => answer.json()));
    expect(changed).toEqual({ signedIn: true });
  },
  TIMEOUT_MS,
);

test(
  "a silence set on the page holds in PostgreSQL and stands in the list, until it is ended there",
  async () => {
    await using visit = await site.open("pipeline");
    const { page } = visit;
    await page.locator("#incidents header button", { hasText: "Silence" }).click();
    const dialog = page.locator("dialog");
    await dialog.locator("[name=matchers]").fill('kind=sink-behind, table="a, b"');
    await dialog.locator("[name=author]").fill("mira");
    await dialog.locator("[name=reason]").fill("a reindex until noon");
    await dialog.locator("button[type=submit]").click();
    await signIn(page);
    const listed = page.locator(".silences li");
    await listed.waitFor();
    expect(await listed.textContent()).toMatch(/kind=sink-behind.*a, b.*mira.*a reindex until noon/s);
    const held = () => site.pipeline.sql<{ author: string; reason: string }[]>`
      SELECT author, reason FROM watchdog.silences WHERE ends_at > now()`;
    expect([...(await held())]).toEqual([{ author: "mira", reason: "a reindex until noon" }]);

    await listed.locator("button").click();
    await listed.waitFor({ state: "detached" });
    expect(await held()).toHaveLength(0);
  },
  TIMEOUT_MS,
);

test(
  "a search keyword that is markup stays text on the dashboard",
  async () => {
    await using visit = await site.open("dashboard");
    const { page, problems } = visit;
    await page.locator(".cloud").getByText(MARKUP).waitFor();
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.title()).toMatch(/: Tidemark$/);
    expect(problems).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "everything that can be pressed is reached by the keyboard alone, and the buckets by arrows",
  async () => {
    for (const view of VIEWS) {
      await using visit = await site.open(view);
      const { page } = visit;
      await page
        .locator(view === "pipeline" ? ".cell" : "tide-chart")
        .first()
        .waitFor();
      const stops = await focusStops(page);
      expect(stops.length).toBeGreaterThan(15);
      expect(await reachedByTab(page, stops)).toEqual([...stops].sort());
      if (view !== "pipeline") continue;

      const cells = page.locator('.row:has(.name:text("clicks")) .cell');
      await page.locator('.cell[tabindex="0"]').first().focus();
      for (let left = await cells.count(); left > 1; left--) await page.keyboard.press("ArrowLeft");
      expect(await cells.first().evaluate((cell) => cell === document.activeElement)).toBe(true);
      await page.keyboard.press("Enter");
      await page.locator("dialog.side .lead").waitFor();
      await page.keyboard.press("Escape");
      await page.locator("dialog").waitFor({ state: "detached" });
      expect(await cells.first().evaluate((cell) => cell === document.activeElement)).toBe(true);
    }
  },
  TIMEOUT_MS,
);

test(
  "axe-core finds no serious violation in either view, light or dark, nor in a dialog; nothing overflows a phone",
  async () => {
    for (const view of VIEWS) {
      await using visit = await site.open(view);
      const { page, problems } = visit;
      await page
        .locator(view === "pipeline" ? ".cell" : "tide-chart")
        .first()
        .waitFor();
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        expect({ view, colorScheme, serious: await seriousViolations(page) }).toEqual({
          view,
          colorScheme,
          serious: [],
        });
      }
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      if (view === "pipeline") {
        await page.locator("#incidents header button").click();
        expect(await seriousViolations(page)).toEqual([]);
      }
      expect(problems).toEqual([]);
    }
  },
  TIMEOUT_MS,
);

test(
  "the whole page is less than 500 kB as it is sent",
  async () => {
    await using visit = await site.open("dashboard");
    const bytes = await visit.page.evaluate(() =>
      [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .filter(({ name }) => !name.includes("/api/"))
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
    );
    console.log("bytes of the page", bytes);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(500_000);
  },
  TIMEOUT_MS,
);

test(
  "the page outlives a restart of Elasticsearch and of the watchdog: it says what is gone, keeps what it had, and goes on",
  async () => {
    await using visit = await site.open("pipeline");
    const { page } = visit;
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    await untilShown(page, 300, 20_000);
    const stack = await testStack();
    await stack.server("elasticsearch").kill();
    try {
      const stage = page.locator(".stage.warning, .stage.diverged", { hasText: "Elasticsearch" });
      await stage.locator(".reason").waitFor({ timeout: 30_000 });
    } finally {
      await stack.server("elasticsearch").start();
    }
    const before = await shownClicks(page);
    await site.pipeline.sql`INSERT INTO clicks (session_id) VALUES ('after Elasticsearch')`;
    await untilShown(page, before + 1, 40_000);

    await site.stopWatchdog();
    await page.locator("main.stale .failure", { hasText: "does not answer" }).waitFor();
    expect(await page.locator(".connection").textContent()).toMatch(/Lost/);
    expect(await page.title()).toBe("No answer: Tidemark");
    expect(await shownClicks(page)).toBeGreaterThan(before);
    await site.startWatchdog();
    await page.locator(".connection.live").waitFor({ timeout: 20_000 });
    await site.pipeline.sql`INSERT INTO clicks (session_id) VALUES ('after the watchdog')`;
    await untilShown(page, before + 2, 20_000);
    await poll("the page to be whole again", 10_000, async () => (await page.locator(".failure").count()) === 0);
    expect(await page.evaluate(() => "sameDocument" in globalThis)).toBe(true);
  },
  TIMEOUT_MS,
);
