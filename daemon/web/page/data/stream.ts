import type { Status } from "../../api.ts";

const RETRY_MS = 2_000;

type Listener = {
  readonly onStatus: (status: Status) => void;
  readonly onLost: () => void;
};

/** Follows `/api/events` for as long as the page is open; what breaks is opened again. */
export function followEvents(listener: Listener): { readonly reopen: () => void } {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource("/api/events");
    source.addEventListener("status", (event: MessageEvent<string>) => {
      listener.onStatus(JSON.parse(event.data) as Status);
    });
    source.addEventListener("error", () => {
      listener.onLost();
      // The browser itself tries again only where the connection broke, not where the server refused it.
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(open, RETRY_MS);
    });
  };
  open();
  return { reopen: open };
}
