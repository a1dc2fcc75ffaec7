import { html } from "lit-html";
import { ref } from "lit-html/directives/ref.js";

type Options = {
  readonly title: string;
  /** Stands at the side of the page, rather than before its middle. */
  readonly side?: boolean;
  readonly close: () => void;
};

/** A dialog that holds the focus while it is drawn, and gives it back when it no longer is; Escape closes it. */
export function dialog({ title, side = false, close }: Options, content: unknown) {
  return html`<dialog
    class=${side ? "side" : "middle"}
    aria-label=${title}
    @cancel=${(event: Event) => {
      event.preventDefault();
      close();
    }}
    @click=${(event: MouseEvent) => {
      if (event.target === event.currentTarget) close();
    }}
    ${ref(open)}
  >
    <div class="inside">
      <header>
        <h2>${title}</h2>
        <button type="button" class="plain" aria-label="Close" @click=${close}>✕</button>
      </header>
      ${content}
    </div>
  </dialog>`;
}

let opener: HTMLElement | null = null;

/** One function for good: what is new in a drawing would be called again. */
function open(element: Element | undefined): void {
  if (element instanceof HTMLDialogElement) {
    const shown = element;
    if (document.activeElement instanceof HTMLElement && !shown.contains(document.activeElement)) {
      opener = document.activeElement;
    }
    // Not yet in the document while it is first drawn.
    queueMicrotask(() => {
      if (shown.isConnected && !shown.open) shown.showModal();
    });
    return;
  }
  // What stands behind a dialog takes no focus until the dialog is gone.
  queueMicrotask(() => opener?.focus());
}
