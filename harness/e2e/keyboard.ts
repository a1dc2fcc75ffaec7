import type { Page } from "playwright-core";

/** Whatever a mouse could press or a scroll wheel move, and so the Tab key must come to. */
const STOPS = 'a[href], button, summary, input, select, textarea, [tabindex="0"]';

/** Marks all stops of the page that are shown, and returns their marks. A grid's cells count as one: arrows go on from it. */
export async function focusStops(page: Page): Promise<readonly string[]> {
  return page.evaluate((selector) => {
    const shown = [...document.querySelectorAll<HTMLElement>(selector)].filter(
      (element) =>
        (element.tabIndex >= 0 || element.closest('[role="grid"]') === null) &&
        element.checkVisibility({ visibilityProperty: true }),
    );
    return shown.map((element, at) => {
      const name = element.getAttribute("aria-label") ?? element.textContent ?? "";
      element.dataset.stop = `${at} ${element.localName} ${name.replace(/\s+/g, " ").trim()}`;
      return element.dataset.stop;
    });
  }, STOPS);
}

/** The marks of those that Tab alone came to, from the top of the page, each with a visible focus. */
export async function reachedByTab(page: Page, stops: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const reached = new Set<string>();
  // Some more than there are: what came to the page meanwhile is a stop too.
  for (let presses = 0; presses < stops.length + 10; presses++) {
    await page.keyboard.press("Tab");
    const mark = await page.evaluate(() => {
      const focused = document.activeElement as HTMLElement | null;
      const visible = focused !== null && getComputedStyle(focused).outlineStyle !== "none";
      return visible ? (focused.dataset.stop ?? null) : null;
    });
    if (mark !== null) reached.add(mark);
  }
  return [...reached].sort();
}
