import { html, nothing } from "lit-html";
import { asked } from "./asks/asks.ts";
import { dashboard } from "./dashboard/dashboard.ts";
import type { Actions } from "./data/actions.ts";
import type { State, View } from "./data/state.ts";
import { ageText, clockText, durationText } from "./format/time.ts";
import { rangePicker } from "./parts/range-picker.ts";
import { evidence } from "./pipeline/evidence.ts";
import { pipeline } from "./pipeline/pipeline.ts";
import { sentence } from "./pipeline/sentence.ts";
import { chosenTheme, nextTheme } from "./theme.ts";

const VIEWS: readonly (readonly [View, string])[] = [
  ["pipeline", "Pipeline"],
  ["dashboard", "Dashboard"],
];
const THEME_WORDS = { auto: "Auto theme", light: "Light theme", dark: "Dark theme" } as const;

/** The whole page as a function of its state. */
export function shell(state: State, actions: Actions) {
  const { view, connection, status, range, nowMs } = state;
  const lost = connection.state === "lost";
  return html`<a class="skip" href="#content" @click=${skip}>To the content</a>
    <header class="top">
      <p class="brand"><svg viewBox="0 0 24 16" aria-hidden="true"><path d="M1 4h22" /><path d="M1 11c3.7-4 7.3-4 11 0s7.3 4 11 0" /></svg>Tidemark</p>
      <nav aria-label="Views">
        ${VIEWS.map(
          ([name, text]) =>
            html`<a href="#${name}" aria-current=${name === view ? "page" : nothing} @click=${(event: Event) => {
              event.preventDefault();
              actions.show(name);
            }}>${text}</a>`,
        )}
      </nav>
      <p class="connection ${connection.state}">${connectionText(state)}</p>
      <button type="button" class="plain" @click=${nextTheme} >${THEME_WORDS[chosenTheme()]}</button>
    </header>
    <main id="content" tabindex="-1" class=${lost ? "stale" : ""}>
      <h1 class="unseen">${view === "pipeline" ? "Pipeline" : "Dashboard"}</h1>
      ${lost ? disconnected(state) : nothing}
      <div class="answer">${sentence(status)}${rangePicker(range, actions)}</div>
      ${view === "pipeline" ? pipeline(state, actions) : dashboard(state)}
    </main>
    <footer class="quiet">Times are in UTC.${status === null ? "" : ` The watchdog's clock: ${clockText(nowMs, nowMs)}.`}</footer>
    ${evidence(state, actions)} ${asked(state.ask, actions)}
    <p class="notice" role="status">${state.notice}</p>
    <p class="unseen" role="status" data-spoken>${state.spoken}</p>`;
}

function connectionText({ connection, nowMs }: State): string {
  if (connection.state === "live") return "Live";
  return connection.state === "connecting" ? "Connecting…" : `Lost, ${ageText(connection.sinceMs, nowMs)}`;
}

function disconnected({ connection, nowMs, status }: State) {
  return html`<p class="failure">
    <strong>The watchdog does not answer</strong> since ${clockText(connection.sinceMs, nowMs)}.
    ${status === null ? "" : `What stands here is ${durationText(nowMs - connection.sinceMs)} old.`}
    It is tried again by itself; <code>bun run watchdog</code> starts it.
  </p>`;
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}
