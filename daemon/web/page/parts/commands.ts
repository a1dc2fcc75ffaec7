import { html } from "lit-html";

/** A text whose commands (`bun run ...`) are set apart, so that they can be copied. */
export function withCommands(text: string) {
  return text
    .split(/(bun run [^;,]+)/)
    .map((part) => (part.startsWith("bun run ") ? html`<code>${part}</code>` : part));
}
