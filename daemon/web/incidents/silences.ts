import type { Postgres } from "../../../src/postgres.ts";
import { silenceView } from "../../alerts/incidents/view.ts";
import { addSilence, expireSilence, readSilence, readSilences } from "../../store/silences.ts";
import type { Silences, SilenceView } from "../api.ts";
import type { ReadSilence } from "../body/silence.ts";

/** Silences that hold. */
export async function listSilences(sql: Postgres): Promise<Silences> {
  return { silences: (await readSilences(sql)).map(silenceView) };
}

export async function silence(sql: Postgres, wanted: ReadSilence): Promise<SilenceView> {
  const id = await addSilence(sql, wanted);
  const added = await readSilence(sql, id);
  if (added === undefined) throw new Error(`the silence ${id} is gone as soon as it was added`);
  return silenceView(added);
}

/** Ends a silence now; undefined where none of this id holds. */
export async function endSilence(sql: Postgres, id: number): Promise<SilenceView | undefined> {
  if (!(await expireSilence(sql, id))) return undefined;
  const ended = await readSilence(sql, id);
  return ended && silenceView(ended);
}
