import { html, nothing } from "lit-html";
import type { Actions } from "../data/actions.ts";
import { dialog } from "../parts/dialog.ts";
import type { Ask } from "./ask.ts";
import { answer } from "./form.ts";

/** Asks for the token that the server demands. */
export function signIn({ next, failure }: Extract<Ask, { kind: "sign-in" }>, actions: Actions) {
  return dialog(
    { title: "Sign in", close: () => actions.ask(null) },
    html`<form @submit=${answer(({ token = "" }) => actions.signIn(token, next))}>
      <p>
        ${next === undefined ? "The watchdog shows its page only with its token." : "What changes something takes the watchdog's token."}
        It is what <code>WATCHDOG_TOKEN</code> was set to; where it was not, the watchdog said at its start which file holds it.
      </p>
      <label>Token <input type="password" name="token" required autocomplete="current-password" autofocus /></label>
      ${failure === undefined ? nothing : html`<p class="failure" role="alert">${failure}</p>`}
      <p class="buttons"><button type="submit" class="primary">Sign in</button></p>
    </form>`,
  );
}
