import { html, nothing } from "lit-html";
import type { Actions } from "../data/actions.ts";
import { dialog } from "../parts/dialog.ts";
import type { Ask } from "./ask.ts";
import { answer, knownAuthor, rememberAuthor } from "./form.ts";

/** Asks who takes care of an incident. */
export function acknowledge({ incident, failure }: Extract<Ask, { kind: "acknowledge" }>, actions: Actions) {
  return dialog(
    { title: "Acknowledge", close: () => actions.ask(null) },
    html`<form
      @submit=${answer(async ({ by = "" }) => {
        rememberAuthor(by);
        await actions.acknowledge(incident, by);
      })}
    >
      <p>${incident.summary}</p>
      <p>It is not told again while it lasts; its end is.</p>
      <label>By <input name="by" required autocomplete="username" .defaultValue=${knownAuthor()} autofocus /></label>
      ${failure === undefined ? nothing : html`<p class="failure" role="alert">${failure}</p>`}
      <p class="buttons">
        <button type="submit" class="primary">Acknowledge</button>
        <button type="button" @click=${() => actions.ask(null)}>Leave it</button>
      </p>
    </form>`,
  );
}
