import { render } from "lit-html";
import "./charts/chart.ts";
import { forgetPalette } from "./charts/palette.ts";
import { Actions } from "./data/actions.ts";
import { readPlace, takeToken, writePlace } from "./data/address.ts";
import { Loader } from "./data/loader.ts";
import type { State } from "./data/state.ts";
import { Store } from "./data/store.ts";
import { followEvents } from "./data/stream.ts";
import { titleOf } from "./format/state.ts";
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
  const stream = followEvents({
    onStatus: (status) => heard(store, loader, status),
    onLost: () => lost(store, loader),
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
  onThemeChange(() => {
    forgetPalette();
    store.set({});
  });
  setInterval(() => store.set({ nowMs: Date.now() + skewMs }), TICK_MS);
  setInterval(() => {
    if (store.state.view === "dashboard" && !document.hidden) loader.dashboard();
  }, DASHBOARD_MS);
  setInterval(() => {
    if (!document.hidden) loader.facts();
  }, FACTS_MS);
  loader.everything();
  if (token !== null) void actions.signIn(token);
}

/** How far the watchdog's clock is ahead of this machine's: ages are told by the former. */
let skewMs = 0;

function heard(store: Store, loader: Loader, status: NonNullable<State["status"]>): void {
  const before = store.state;
  skewMs = Date.parse(status.at) - Date.now();
  const nowMs = Date.now() + skewMs;
  store.set({ status, nowMs, connection: { state: "live", sinceMs: nowMs } });
  if (before.status?.verdict !== status.verdict) {
    store.set({ spoken: status.sentence });
    document.title = titleOf(status.verdict);
  }
  if (before.connection.state === "lost") {
    store.set({ spoken: `The watchdog answers again. ${status.sentence}` });
    loader.everything();
  } else if (before.status === null || before.status.revision !== status.revision) loader.facts();
}

function lost(store: Store, loader: Loader): void {
  const { connection, nowMs } = store.state;
  if (connection.state !== "lost") {
    store.set({ connection: { state: "lost", sinceMs: nowMs }, spoken: "The watchdog does not answer." });
  }
  void loader.probe();
}

const root = document.getElementById("page");
if (root === null) throw new Error("index.html has no element #page");
await loadFont();
start(root);
