import type { Page } from "playwright-core";
import { openBrowser } from "../../e2e/chromium.ts";
import { poll } from "../../poll.ts";

/** The way from the list of servers to the tables, as pgAdmin's tree names its branches. */
const path = ["Servers", "Tidemark", "Databases", "tidemark", "Schemas", "public", "Tables"];
const expected = ["clicks", "customers", "products", "transactions"];

const entry = (page: Page, label: string) =>
  page.locator(".file-entry").filter({ hasText: new RegExp(`^\\s*${label}(\\s*\\(\\d+\\))?\\s*$`) });

/**
 * Opens the tree branch by branch. A branch is given time first: pgAdmin opens those that were open last, and a click
 * that comes while it connects closes one again.
 */
async function openTables(page: Page): Promise<void> {
  await poll("the tables", 240_000, async () => {
    const shown = await Promise.all(path.map((label) => entry(page, label).count()));
    const deepest = shown.findLastIndex((count) => count > 0);
    const next = entry(page, path[deepest + 1] ?? "clicks").first();
    const appeared = () =>
      next.waitFor({ timeout: 8_000 }).then(
        () => true,
        () => false,
      );
    if (!(await appeared())) {
      await entry(page, path[deepest] ?? "Servers")
        .first()
        .dblclick({ timeout: 20_000 });
      await appeared();
    }
    return (await entry(page, "clicks").count()) > 0;
  });
}

/** `bun harness/stack/pgadmin/picture.ts URL FILE.png`: opens pgAdmin, goes to the tables, and fails unless all are there. */
const [url, file] = process.argv.slice(2);
if (url === undefined || file === undefined) throw new Error("expected a URL and a file");
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 640 } });
  await page.goto(url, { timeout: 60_000 });
  await openTables(page);
  if ((await page.locator("input[type=password]:visible").count()) > 0) throw new Error("pgAdmin asks for a password");
  // Beside the tree, whose names are cut short, the list of what is selected.
  await entry(page, "Tables").first().click();
  await page.getByText("Properties", { exact: true }).first().click();
  for (const table of expected) {
    const row = page.locator(".pgrd-row-cell-content", { hasText: new RegExp(`^${table}$`) });
    await row.waitFor({ timeout: 30_000 });
  }
  await page.screenshot({ path: file });
  console.log(`${file}: ${expected.join(", ")}`);
} finally {
  await browser.close();
}
