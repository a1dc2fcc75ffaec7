import { chromium, type Page } from "playwright-core";
import { poll } from "../../harness/poll.ts";

/** The way from the list of servers to the tables, as pgAdmin's tree names its branches. */
const path = ["Servers", "Tidemark", "Databases", "tidemark", "Schemas", "public", "Tables"];
const expected = ["clicks", "customers", "products", "transactions"];

/** Chromium as root without a screen, and without asking its maker's hosts for anything. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const entry = (page: Page, label: string) =>
  page.locator(".file-entry").filter({ hasText: new RegExp(`^\\s*${label}(\\s*\\(\\d+\\))?\\s*$`) });

/** Opens a branch until what it holds is shown: a click that comes while pgAdmin still connects closes it again. */
async function open(page: Page, label: string, next: string): Promise<void> {
  await poll(`${next} below ${label}`, 60_000, async () => {
    if ((await entry(page, next).count()) > 0) return true;
    await entry(page, label).first().dblclick({ timeout: 20_000 });
    await entry(page, next)
      .first()
      .waitFor({ timeout: 8_000 })
      .catch(() => {});
    return false;
  });
}

/** `bun infra/screenshots/pgadmin.ts URL FILE.png`: opens pgAdmin, goes to the tables, and fails unless all are there. */
const [url, file] = process.argv.slice(2);
if (url === undefined || file === undefined) throw new Error("expected a URL and a file");
const executablePath = Bun.which("chromium") ?? Bun.which("google-chrome");
if (executablePath === null) throw new Error("expected chromium or google-chrome on PATH");
const browser = await chromium.launch({ executablePath, args: flags });
try {
  const page = await browser.newPage({ viewport: { width: 1100, height: 640 } });
  await page.goto(url, { timeout: 60_000 });
  for (const [index, label] of path.entries()) await open(page, label, path[index + 1] ?? "clicks");
  for (const table of expected) await entry(page, table).first().waitFor({ timeout: 20_000 });
  if ((await page.locator("input[type=password]:visible").count()) > 0) throw new Error("pgAdmin asks for a password");
  await page.screenshot({ path: file });
  console.log(`${file}: ${expected.join(", ")}`);
} finally {
  await browser.close();
}
