import type { IncidentDetail, WorkRequest } from "../../api.ts";

/** A question that stands before the page until it is answered or left; `failure` is why the last answer did not do. */
export type Ask = { readonly failure?: string } & (
  | { readonly kind: "sign-in"; readonly next?: () => Promise<void> }
  | { readonly kind: "work"; readonly work: "check" | "heal"; readonly request: WorkRequest }
  | { readonly kind: "silence"; readonly matchers: string }
  | { readonly kind: "acknowledge"; readonly incident: IncidentDetail }
);
