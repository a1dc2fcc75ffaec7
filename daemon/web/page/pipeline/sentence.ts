import { html, nothing } from "lit-html";
import type { Status } from "../../api.ts";
import { plural, thin } from "../format/number.ts";
import { verdictMark } from "../format/state.ts";
import { icon } from "../parts/icon.ts";

/** The answer before any chart: exact up to when, or what is not and what is done about it. */
export function sentence(status: Status | null) {
  if (status === null) {
    return html`<p class="sentence unverified">${icon("unverified")}<span>Asking the watchdog…</span></p>`;
  }
  const { firing, pending } = status.incidents;
  return html`<p class="sentence ${verdictMark(status.verdict)}" data-verdict=${status.verdict}>
      ${icon(verdictMark(status.verdict))}<span>${thin(status.sentence)}</span>
    </p>
    <p class="quiet beside">
      ${
        firing + pending === 0
          ? "No incident is open."
          : html`<a href="#incidents" @click=${goToIncidents}>${plural(firing, "incident")} firing${pending === 0 ? "" : `, ${pending} pending`}</a>`
      }
      ${status.leading ? nothing : "Another watchdog leads; this one stands by."}
    </p>`;
}

function goToIncidents(event: Event): void {
  const place = document.getElementById("incidents");
  // The address's fragment names the view.
  event.preventDefault();
  place?.scrollIntoView();
  place?.querySelector("button")?.focus({ preventScroll: true });
}
