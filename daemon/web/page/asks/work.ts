import { html, nothing } from "lit-html";
import type { Actions } from "../data/actions.ts";
import { dialog } from "../parts/dialog.ts";
import type { Ask } from "./ask.ts";
import { answer } from "./form.ts";

/** Asks before a check or a heal begins. */
export function work({ work: kind, request, failure }: Extract<Ask, { kind: "work" }>, actions: Actions) {
  const rows = `${request.from === undefined ? "all rows" : `the rows from ${request.from} to ${request.to}`} of ${request.table ?? "every table"}`;
  const check = kind === "check";
  return dialog(
    { title: check ? "Check?" : "Heal?", close: () => actions.ask(null) },
    html`<form
      @submit=${answer(({ deep, confirm }) =>
        actions.work(kind, {
          ...request,
          ...(deep === undefined ? {} : { deep: true }),
          ...(confirm === undefined ? {} : { confirm: true }),
        }),
      )}
    >
      ${
        check
          ? html`<p>Compares ${rows} in PostgreSQL and Elasticsearch, behind a fence. It writes to neither.</p>
            <label class="tick-box"><input type="checkbox" name="deep" /> Read every document: finds edits that kept their digest</label>`
          : html`<p>Sends what is known to differ in ${rows} again, as PostgreSQL holds it, and then compares it anew.</p>
            <label class="tick-box"><input type="checkbox" name="confirm" /> I have looked: heal more than the caps allow, and what is quarantined</label>`
      }
      ${failure === undefined ? nothing : html`<p class="failure" role="alert">${failure}</p>`}
      <p class="buttons">
        <button type="submit" class="primary" autofocus>${check ? "Check" : "Heal"}</button>
        <button type="button" @click=${() => actions.ask(null)}>Leave it</button>
      </p>
    </form>`,
  );
}
