import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { IncidentDetail, Incidents } from "../../api.ts";
import type { Actions } from "../data/actions.ts";
import type { State } from "../data/state.ts";
import { countText } from "../format/number.ts";
import type { Mark } from "../format/state.ts";
import { durationText } from "../format/time.ts";
import { empty, loadedOr } from "../parts/blank.ts";
import { withCommands } from "../parts/commands.ts";
import { clock, plainClock } from "../parts/exact.ts";
import { icon } from "../parts/icon.ts";

/** What is wrong, and what was: each with its facts, remedy and history one click away. */
export function incidents(state: State, actions: Actions) {
  const { incidents: loaded, nowMs } = state;
  return html`<section class="card" aria-labelledby="incidents-title" id="incidents">
    <header>
      <h2 id="incidents-title">Incidents</h2>
      <button type="button" @click=${() => actions.ask({ kind: "silence", matchers: "" })}>Silence…</button>
    </header>
    ${loadedOr("The incidents", loaded, nowMs, (value) => list(value, nowMs, actions))}
  </section>`;
}

function list({ incidents: all }: Incidents, nowMs: number, actions: Actions) {
  if (all.length === 0)
    return empty("No incident, now or before. What fires is told here and on the channels that are set.");
  const open = all.filter(({ state }) => state !== "resolved");
  const over = all.filter(({ state }) => state === "resolved");
  return html`${
    open.length === 0
      ? html`<p class="lead">${icon("verified")} No incident is open.</p>`
      : html`<ul class="incidents">${repeat(
          open,
          ({ id, fingerprint }) => `${id} ${fingerprint}`,
          (one) => item(one, nowMs, actions),
        )}</ul>`
  }
  ${
    over.length === 0
      ? nothing
      : html`<details class="over">
        <summary>${countText(over.length)} that ${over.length === 1 ? "is" : "are"} over</summary>
        <ul class="incidents">${repeat(
          over,
          ({ id, fingerprint }) => `${id} ${fingerprint}`,
          (one) => item(one, nowMs, actions),
        )}</ul>
      </details>`
  }`;
}

function markOf({ state, severity }: IncidentDetail): Mark {
  if (state === "resolved") return "verified";
  if (state === "pending") return "unverified";
  return severity === "critical" ? "diverged" : "warning";
}

function item(incident: IncidentDetail, nowMs: number, actions: Actions) {
  return html`<li class="incident">
    <p class="summary">
      ${icon(markOf(incident))}
      <span><strong>${incident.summary}</strong>
      <span class="quiet">${incident.state}, ${incident.severity}, ${when(incident, nowMs)}${aside(incident)}</span></span>
    </p>
    ${incident.state === "resolved" || incident.remedy === "" ? nothing : html`<p class="remedy">${withCommands(incident.remedy)}</p>`}
    <details>
      <summary>Facts and history<span class="unseen"> of ${incident.summary}</span></summary>
      <dl>
        <div><dt>kind</dt><dd><code>${incident.kind}</code></dd></div>
        ${pairs(incident.labels)}${pairs(incident.facts)}
        ${incident.action === null ? nothing : html`<div><dt>done about it</dt><dd>${incident.action}</dd></div>`}
      </dl>
      <ol class="history">
        ${incident.history.map(({ at, what, detail }) => html`<li>${plainClock(at, nowMs)} <strong>${what}</strong> ${detail}</li>`)}
      </ol>
    </details>
    ${incident.state === "resolved" ? nothing : buttons(incident, actions)}
  </li>`;
}

function buttons(incident: IncidentDetail, actions: Actions) {
  const labels = Object.entries({ kind: incident.kind, ...incident.labels });
  const matchers = labels
    .map(([name, value]) => `${name}=${/^[\w.:/*+?|()-]*$/.test(value) ? value : `"${value}"`}`)
    .join(", ");
  const of = html`<span class="unseen"> ${incident.summary}</span>`;
  return html`<p class="buttons">
    ${
      incident.acknowledged === null
        ? html`<button type="button" @click=${() => actions.ask({ kind: "acknowledge", incident })}>Acknowledge${of}…</button>`
        : nothing
    }
    ${
      incident.silencedBy === null
        ? html`<button type="button" @click=${() => actions.ask({ kind: "silence", matchers })}>Silence${of}…</button>`
        : nothing
    }
  </p>`;
}

function pairs(values: Readonly<Record<string, string | number>>) {
  return Object.entries(values).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
}

function when({ since, resolvedAt }: IncidentDetail, nowMs: number) {
  if (resolvedAt === null) return html`since ${clock(since, nowMs)}`;
  return html`${plainClock(since, nowMs)}, lasted ${durationText(Date.parse(resolvedAt) - Date.parse(since))}`;
}

function aside({ acknowledged, silencedBy, mutedBy }: IncidentDetail): string {
  const parts = [
    acknowledged === null ? [] : [`acknowledged by ${acknowledged.by}`],
    silencedBy === null ? [] : [`held by silence ${silencedBy}`],
    mutedBy === null ? [] : [`taken for a consequence of ${mutedBy}`],
  ].flat();
  return parts.map((part) => `; ${part}`).join("");
}
