import type { Share } from "../../api.ts";
import { countText } from "../format/number.ts";
import { behind } from "../parts/behind.ts";

/** The table behind shares, the largest first. */
export function sharesTable(title: string, shares: readonly Share[]) {
  return behind(
    title.toLowerCase(),
    [
      { head: "Name", cell: ({ name }) => name },
      { head: "Count", number: true, cell: ({ count }) => countText(count) },
    ],
    [...shares].sort((left, right) => right.count - left.count),
  );
}
