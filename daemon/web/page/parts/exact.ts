import { html } from "lit-html";
import { ageText, clockText, exactText } from "../format/time.ts";

/** A value as people say it, with the exact one on hover and on focus. */
export function exact(shown: unknown, exactly: string) {
  return html`<span class="exact" tabindex="0" data-exact=${exactly}>${shown}<span class="unseen"> (${exactly})</span></span>`;
}

/** A time as a clock with its age; exactly, with the LSN that it stands for, if any. */
export function clock(iso: string, nowMs: number, lsn: string | null = null) {
  const ms = Date.parse(iso);
  return exact(
    html`<time datetime=${iso}>${clockText(ms, nowMs)}</time><span class="quiet">, ${ageText(ms, nowMs)}</span>`,
    lsn === null ? exactText(ms) : `${exactText(ms)}, LSN ${lsn}`,
  );
}

/** A time without its age, exact in its title. */
export function plainClock(iso: string, nowMs: number) {
  return html`<time datetime=${iso} title=${exactText(Date.parse(iso))}>${clockText(Date.parse(iso), nowMs)}</time>`;
}
