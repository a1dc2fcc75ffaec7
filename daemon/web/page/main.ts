import { render } from "lit-html";
import "./charts/chart.ts";
import { forgetPalette } from "./charts/palette.ts";
import { Actions } from "./data/actions.ts";
import { readPlace, takeToken, writePlace } from "./data/address.ts";
import { Live } from "./data/live.ts";
import { Loader } from "./data/loader.ts";
import type { State } from "./data/state.ts";
import { Store } from "./data/store.ts";
import { followEvents } from "./data/stream.ts";
import { shell } from "./shell.ts";
import { loadFont } from "./style/font.ts";
import { applyTheme, chosenTheme, onThemeChange } from "./theme.ts";

const TICK_MS = 1_000;
const DASHBOARD_MS = 5_000;
/** Time moves on in a range up to now, also when nothing else does. */
const FACTS_MS = 30_000;

function start(root: HTMLElement): void {
  applyTheme(chosenTheme());
  const token = takeToken();
  root.replaceChildren();
  const store = new Store((state) => render(shell(state, actions), root));
  const loader = new Loader(store);
  const live = new Live(store, loader);
  const stream = followEvents({
    onStatus: (status) => live.heard(status),
    onLost: () => live.lost(),
  });
  const place = (change: Partial<Pick<State, "view" | "range">>) => {
    store.set(change);
    history.pushState(null, "", writePlace(store.state));
    loader.everything();
  };
  const actions = new Actions(store, loader, place, stream.reopen);
  store.set(readPlace(location.hash));
  addEventListener("hashchange", () => {
    store.set(readPlace(location.hash));
    loader.everything();
  });
  document.addEventListener("visibilitychange", () => {
    if (isWatched(store.state)) loader.everything();
  });
  onThemeChange(() => {
    forgetPalette();
    store.set({});
  });
  setInterval(() => store.set({ nowMs: live.nowMs() }), TICK_MS);
  setInterval(() => {
    if (store.state.view === "dashboard" && isWatched(store.state)) loader.dashboard();
  }, DASHBOARD_MS);
  setInterval(() => {
    if (isWatched(store.state)) loader.facts();
  }, FACTS_MS);
  loader.everything();
  if (token !== null) void actions.signIn(token);
}

/** Whether there is somebody to load for, and somebody to load from. */
function isWatched({ connection }: State): boolean {
  return !document.hidden && connection.state !== "lost";
}

const root = document.getElementById("page");
if (root === null) throw new Error("index.html has no element #page");
await loadFont();
start(root);
