import axe from "axe-core";
import type { Page } from "playwright-core";

/** The rules of WCAG 2.2, A and AA. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** What axe-core finds serious or critical on a page, as `rule: element: what to do`. */
export async function seriousViolations(page: Page): Promise<readonly string[]> {
  // Through the debugger: the page's own content policy lets no script in.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (rules) => (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: rules }),
    RULES,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}
