import { nothing } from "lit-html";
import { keyed } from "lit-html/directives/keyed.js";
import type { Actions } from "../data/actions.ts";
import { acknowledge } from "./acknowledge.ts";
import type { Ask } from "./ask.ts";
import { signIn } from "./sign-in.ts";
import { silence } from "./silence.ts";
import { work } from "./work.ts";

/** The question that stands before the page, if any. */
export function asked(ask: Ask | null, actions: Actions) {
  if (ask === null) return nothing;
  return keyed(ask.kind, formOf(ask, actions));
}

function formOf(ask: Ask, actions: Actions) {
  switch (ask.kind) {
    case "sign-in":
      return signIn(ask, actions);
    case "work":
      return work(ask, actions);
    case "silence":
      return silence(ask, actions);
    case "acknowledge":
      return acknowledge(ask, actions);
  }
}
