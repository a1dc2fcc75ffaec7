import type { Config } from "../../../src/config.ts";
import type { Dashboard } from "../api.ts";
import type { TableTruth } from "../status/truth.ts";
import { beingHealed, leftAlone } from "../status/verdict.ts";
import { counted } from "../status/words.ts";

/** The tables that the panels are made of. */
const SHOWN = ["clicks", "transactions"];

/** What is known to differ between the panels and PostgreSQL, in words; pure. */
export function caveatsOf(
  tables: readonly TableTruth[],
  healMode: Config["healMode"],
  isPostgresAway: boolean,
): Dashboard["caveats"] {
  if (isPostgresAway) {
    const text = "PostgreSQL does not answer: whether these figures are complete is not known";
    return SHOWN.map((table) => ({ table, rows: 0, text }));
  }
  return tables
    .filter(({ table }) => SHOWN.includes(table))
    .flatMap((one) => {
      const [healing, alone] = [beingHealed(one, healMode), leftAlone(one, healMode)];
      const parts = [
        ...(healing === 0 ? [] : [`${counted(healing, "row")} being healed`]),
        ...(alone === 0 ? [] : [`${counted(alone, "row")} ${alone === 1 ? "differs" : "differ"}`]),
      ];
      return parts.length === 0 ? [] : [{ table: one.table, rows: healing + alone, text: parts.join(", ") }];
    });
}
