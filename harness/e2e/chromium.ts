import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const USUAL_PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
] as const;

/** No talk with anybody but the page: without these, Chromium calls home at its start. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
] as const;

/** Where Chromium is. @throws Error that says what to install */
export function chromiumPath(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { CHROMIUM: asked } = environment;
  if (asked !== undefined && asked !== "") {
    if (existsSync(asked)) return asked;
    throw new Error(`CHROMIUM names ${asked}, which is not there`);
  }
  const found = USUAL_PATHS.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    "the tests of the page need Chromium or Chrome, and none is in its usual place: apt-get install chromium " +
      "(Debian, Ubuntu) or brew install --cask chromium (macOS), or name it by CHROMIUM=/path/to/it",
  );
}

/** A browser without a window and with a profile of its own, closed when disposed. */
export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  return chromium.launch({ executablePath: chromiumPath(), args: [...QUIET] });
}
