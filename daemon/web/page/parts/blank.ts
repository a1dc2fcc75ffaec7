import { html, nothing } from "lit-html";
import type { Loaded } from "../data/state.ts";
import { clockText } from "../format/time.ts";

/** Why a place is empty, and what to type to fill it. */
export function empty(what: string, command: string | null = null) {
  return html`<p class="blank">${what} ${command === null ? nothing : html`Type <code>${command}</code> to fill it.`}</p>`;
}

/** A place whose first data is on its way; its room is kept. */
export function loading() {
  return html`<p class="blank loading">Loading…</p>`;
}

/** What could not be loaded, since when, and what happens next. */
export function failure(what: string, { failure: failed, value }: Loaded<unknown>, nowMs: number) {
  if (failed === null) return nothing;
  return html`<p class="failure">
    <strong>${what} could not be loaded</strong> since ${clockText(failed.sinceMs, nowMs)}: ${failed.message}.
    ${value === null ? "" : "What is shown is from before."} It is tried again by itself;
    <code>bun run doctor</code> finds what is wrong.
  </p>`;
}

/** A part of the page by what was loaded for it: its content, or why there is none. */
export function loadedOr<T>(what: string, loaded: Loaded<T>, nowMs: number, content: (value: T) => unknown) {
  const told = failure(what, loaded, nowMs);
  if (loaded.value !== null) return html`${told}${content(loaded.value)}`;
  return loaded.failure === null ? loading() : told;
}
