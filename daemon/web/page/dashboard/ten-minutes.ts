import type { Dashboard } from "../../api.ts";
import { countText } from "../format/number.ts";
import { table } from "../parts/behind.ts";
import { empty } from "../parts/blank.ts";
import { plainClock } from "../parts/exact.ts";
import { panel } from "./panel.ts";

type Row = Dashboard["perTenMinutes"][number];

/** Transactions per 10 minutes as a table, the latest first. */
export function tenMinutes(value: Dashboard, nowMs: number) {
  const title = "Transactions per 10 minutes";
  const columns = [
    { head: "From (UTC)", cell: ({ at }: Row) => plainClock(at, nowMs) },
    { head: "Customers", number: true, cell: ({ customers }: Row) => countText(customers) },
    { head: "Items", number: true, cell: ({ items }: Row) => countText(items) },
    { head: "Products", number: true, cell: ({ products }: Row) => countText(products) },
    { head: "Total cost", number: true, cell: ({ totalCost }: Row) => countText(totalCost) },
  ];
  const rows = [...value.perTenMinutes].sort((left, right) => Date.parse(right.at) - Date.parse(left.at));
  return panel(
    { title, tables: ["transactions"], size: "half" },
    value,
    rows.length === 0 ? empty("None in this range.") : table(title, columns, rows),
  );
}
