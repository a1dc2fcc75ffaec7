import type { Status } from "../../api.ts";
import { boundsOf } from "./range.ts";
import { atMostEvery } from "./repeat.ts";
import { Refused, request, Unanswered } from "./request.ts";
import { failed, type Loaded, type State } from "./state.ts";
import type { Store } from "./store.ts";

const LEAST_MS = 1_000;
const RUNS = 120;
const INCIDENTS = 30;

type Loadable = { [K in keyof State]: State[K] extends Loaded<unknown> ? K : never }[keyof State];

/** Loads what the stream of events only announces, each at most once a second. */
export class Loader {
  readonly facts = atMostEvery(LEAST_MS, () => this.loadFacts());
  readonly dashboard = atMostEvery(LEAST_MS, () => this.loadDashboard());
  readonly evidence = atMostEvery(LEAST_MS / 4, () => this.loadEvidence());
  readonly runs = atMostEvery(LEAST_MS / 4, () => this.loadRuns());
  private columns = 40;

  constructor(private readonly store: Store) {}

  everything(): void {
    this.facts();
    if (this.store.state.view === "dashboard") this.dashboard();
  }

  setColumns(columns: number): void {
    if (columns === this.columns) return;
    this.columns = columns;
    this.facts();
  }

  /** Finds out why the stream broke: a server that demands a token says so only to a request. */
  async probe(): Promise<void> {
    await request<Status>("GET", "status").catch((error: unknown) => this.demandToken(error));
  }

  private async loadFacts(): Promise<void> {
    const { state } = this.store;
    const { from, to } = boundsOf(state.range, state.nowMs);
    await Promise.all([
      this.load("buckets", `buckets?${new URLSearchParams({ from, to, columns: String(this.columns) })}`),
      this.load("incidents", `incidents?limit=${INCIDENTS}`),
      this.load("silences", "silences"),
      this.loadRuns(),
      this.loadEvidence(),
    ]);
  }

  private async loadRuns(): Promise<void> {
    const { runsOf, status } = this.store.state;
    const table = runsOf.table ?? status?.tables[0]?.table;
    // The first status brings the names of the tables, and this again.
    if (table === undefined) return;
    const query = new URLSearchParams({ table, kind: runsOf.kind, limit: String(RUNS) });
    await this.load("runs", `runs?${query}`, () => this.store.state.runsOf === runsOf);
  }

  private async loadDashboard(): Promise<void> {
    const { range, nowMs } = this.store.state;
    await this.load("dashboard", `dashboard?${new URLSearchParams(boundsOf(range, nowMs))}`);
  }

  private async loadEvidence(): Promise<void> {
    const { selection } = this.store.state;
    if (selection === null) return;
    const { table, from, to } = selection;
    const path = `buckets/${encodeURIComponent(table)}?${new URLSearchParams({ from, to })}`;
    await this.load("evidence", path, () => this.store.state.selection === selection);
  }

  private async load(name: Loadable, path: string, wanted = () => true): Promise<void> {
    try {
      const value = await request<never>("GET", path);
      if (wanted()) this.store.set({ [name]: { value, failure: null } });
    } catch (error) {
      if (error instanceof Unanswered) return;
      this.demandToken(error);
      const message = error instanceof Error ? error.message : String(error);
      const { [name]: before, nowMs } = this.store.state;
      if (wanted()) this.store.set({ [name]: failed<unknown>(before, message, nowMs) });
    }
  }

  private demandToken(error: unknown): void {
    if (!(error instanceof Refused) || error.status !== 401 || this.store.state.ask !== null) return;
    this.store.set({ ask: { kind: "sign-in" } });
  }
}
