import { html, nothing } from "lit-html";
import type { Actions } from "../data/actions.ts";
import { type Range, SPANS } from "../data/range.ts";

/** Chooses the time range of everything on the page: a span up to now, or two times. */
export function rangePicker(range: Range, actions: Actions) {
  const fixed = "fromMs" in range;
  return html`<div class="range" role="group" aria-label="Time range">
    ${SPANS.map(
      ({ text, lastMs }) => html`<button
        type="button"
        aria-pressed=${!fixed && range.lastMs === lastMs}
        @click=${() => actions.setRange({ lastMs })}
      ><span class="unseen">Last </span>${text}</button>`,
    )}
    <details class="between" @keydown=${closeOnEscape}>
      <summary>${fixed ? "Between" : "Custom"}</summary>
      <form
        @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          const form = event.currentTarget as HTMLFormElement;
          const times = new FormData(form);
          const [fromMs, toMs] = [timeOf(times.get("from")), timeOf(times.get("to"))];
          if (!(fromMs < toMs)) return;
          actions.setRange({ fromMs, toMs });
          form.closest("details")?.removeAttribute("open");
        }}
      >
        <label>From (UTC) <input type="datetime-local" name="from" required .defaultValue=${fixed ? local(range.fromMs) : ""} /></label>
        <label>To (UTC) <input type="datetime-local" name="to" required .defaultValue=${fixed ? local(range.toMs) : ""} /></label>
        <button type="submit" class="primary">Show</button>
      </form>
    </details>
    ${fixed ? html`<span class="quiet">${local(range.fromMs).replace("T", " ")} to ${local(range.toMs).replace("T", " ")}</span>` : nothing}
  </div>`;
}

function closeOnEscape(event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  const details = event.currentTarget as HTMLDetailsElement;
  details.open = false;
  details.querySelector("summary")?.focus();
}

/** What a field for date and time holds, taken as UTC. */
function local(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}

function timeOf(value: FormDataEntryValue | null): number {
  return Date.parse(`${value}Z`);
}
