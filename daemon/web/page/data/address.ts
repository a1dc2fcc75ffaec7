import { type Range, readRange, writeRange } from "./range.ts";
import type { View } from "./state.ts";

type Place = { readonly view: View; readonly range: Range };

/** Which view and range the address names: `#dashboard?range=6h`. */
export function readPlace(hash: string): Place {
  const [view = "", query = ""] = hash.replace(/^#/, "").split("?");
  return {
    view: view === "dashboard" ? "dashboard" : "pipeline",
    range: readRange(new URLSearchParams(query).get("range")),
  };
}

export function writePlace({ view, range }: Place): string {
  return `#${view}?${new URLSearchParams({ range: writeRange(range) })}`;
}

/** Takes a token out of the address (`#token=...`), where neither history nor a shared link should keep it. */
export function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.replace(/^#/, "")).get("token");
  if (token !== null) history.replaceState(null, "", `${location.pathname}${location.search}`);
  return token;
}
