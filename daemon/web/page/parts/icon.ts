import { html, type SVGTemplateResult, svg } from "lit-html";
import type { Mark } from "../format/state.ts";

const SHAPES: Readonly<Record<Mark, SVGTemplateResult>> = {
  verified: svg`<circle cx="8" cy="8" r="7" fill="currentColor" /><path class="cut" d="M4.7 8.3l2.2 2.2 4.4-4.8" />`,
  "in-flight": svg`<circle cx="8" cy="8" r="6.1" class="ring" /><path d="M8 1.9a6.1 6.1 0 0 1 0 12.2z" fill="currentColor" />`,
  healing: svg`<rect x="1" y="1" width="14" height="14" rx="4" fill="currentColor" /><path class="cut" d="M8 4.4v7.2M4.4 8h7.2" />`,
  diverged: svg`<path d="M8 .4L15.6 8 8 15.6.4 8z" fill="currentColor" /><path class="cut" d="M5.8 5.8l4.4 4.4m0-4.4l-4.4 4.4" />`,
  unverified: svg`<circle cx="8" cy="8" r="6.2" class="ring" stroke-dasharray="2.6 2.3" />`,
  warning: svg`<path d="M8 .8L15.6 14.6H.4z" fill="currentColor" /><path class="cut" d="M8 5.6v4M8 11.7v.6" />`,
};

/** The shape and colour of a state; its word stands beside it, so readers of the screen are not told twice. */
export function icon(mark: Mark) {
  return html`<svg class="icon ${mark}" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[mark]}</svg>`;
}
