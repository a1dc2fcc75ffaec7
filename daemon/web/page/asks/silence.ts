import { html, nothing } from "lit-html";
import type { Actions } from "../data/actions.ts";
import { dialog } from "../parts/dialog.ts";
import type { Ask } from "./ask.ts";
import { answer, knownAuthor, rememberAuthor } from "./form.ts";
import { splitMatchers } from "./matchers.ts";

const DURATIONS = [
  ["30 min", 1_800],
  ["2 h", 7_200],
  ["8 h", 28_800],
  ["1 d", 86_400],
  ["7 d", 604_800],
] as const;

/** Asks what is to be kept quiet, for how long, by whom and why. */
export function silence({ matchers, failure }: Extract<Ask, { kind: "silence" }>, actions: Actions) {
  return dialog(
    { title: "Silence", close: () => actions.ask(null) },
    html`<form
      @submit=${answer(async ({ matchers: text = "", author = "", reason = "", duration = "" }) => {
        rememberAuthor(author);
        await actions.silence({ matchers: splitMatchers(text), author, reason, durationSeconds: Number(duration) });
      })}
    >
      <p>No message goes out for what matches. The page shows it all the same.</p>
      <label>What <input name="matchers" required .defaultValue=${matchers} placeholder="kind=slot-missing, table=clicks" spellcheck="false" autofocus /></label>
      <label>For
        <select name="duration">
          ${DURATIONS.map(([text, seconds]) => html`<option value=${seconds} ?selected=${seconds === 7_200}>${text}</option>`)}
        </select>
      </label>
      <label>By <input name="author" required autocomplete="username" .defaultValue=${knownAuthor()} /></label>
      <label>Why <input name="reason" required /></label>
      ${failure === undefined ? nothing : html`<p class="failure" role="alert">${failure}</p>`}
      <p class="buttons">
        <button type="submit" class="primary">Silence</button>
        <button type="button" @click=${() => actions.ask(null)}>Leave it</button>
      </p>
    </form>`,
  );
}
