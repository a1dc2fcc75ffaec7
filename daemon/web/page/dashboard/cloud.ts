import { html } from "lit-html";
import type { Share } from "../../api.ts";
import { countText } from "../format/number.ts";

const STEPS = 6;

/** Words by how often they come, in the order of the alphabet: a list, so that it can be read aloud. */
export function cloud(shares: readonly Share[]) {
  const most = Math.max(...shares.map(({ count }) => count));
  const step = (count: number) => Math.max(1, Math.ceil(STEPS * Math.sqrt(count / most)));
  const words = [...shares].sort((left, right) => left.name.localeCompare(right.name));
  return html`<ul class="cloud">
    ${words.map(
      ({ name, count }) =>
        html`<li class="step-${step(count)}" title=${countText(count)}>${name}<span class="unseen">: ${countText(count)}</span></li>`,
    )}
  </ul>`;
}
