import { html } from "lit-html";
import type { Actions } from "../data/actions.ts";
import type { State } from "../data/state.ts";
import { loading } from "../parts/blank.ts";
import { flow } from "./flow.ts";
import { heatMap } from "./heat-map.ts";
import { incidents } from "./incidents.ts";
import { runs } from "./runs.ts";
import { silences } from "./silences.ts";
import { tables } from "./tables.ts";

/** How it stands with the way from CSV to Elasticsearch. */
export function pipeline(state: State, actions: Actions) {
  const { status, nowMs } = state;
  return html`<div class="flow-room">${status === null ? loading() : flow(status.stages)}</div>
    ${heatMap(state, actions)}
    <div class="pair">${incidents(state, actions)}${silences(state, actions)}</div>
    <div class="tables-room">${status === null ? loading() : tables(status.tables, nowMs, actions)}</div>
    ${runs(state, actions)}`;
}
