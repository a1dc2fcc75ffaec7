import type { NewSilence, WorkRequest } from "../../api.ts";
import type { Ask } from "../asks/ask.ts";
import type { Loader } from "./loader.ts";
import type { Range } from "./range.ts";
import { Refused, request } from "./request.ts";
import type { RunsOf, Selection, View } from "./state.ts";
import type { Store } from "./store.ts";

const NOTICE_MS = 6_000;

/** What people do on the page. Nothing here throws: what fails is told in the question that it came from. */
export class Actions {
  constructor(
    private readonly store: Store,
    private readonly loader: Loader,
    private readonly place: (change: { view?: View; range?: Range }) => void,
    private readonly reopen: () => void,
  ) {}

  show(view: View): void {
    this.place({ view });
  }

  setRange(range: Range): void {
    this.place({ range });
  }

  /** Shows the evidence of a cell; null puts it away. */
  select(selection: Selection | null): void {
    this.store.set({ selection, evidence: { value: null, failure: null } });
    if (selection) this.loader.evidence();
  }

  selectRuns(change: Partial<RunsOf>): void {
    this.store.set({ runsOf: { ...this.store.state.runsOf, ...change } });
    this.loader.runs();
  }

  setColumns(columns: number): void {
    this.loader.setColumns(columns);
  }

  ask(ask: Ask | null): void {
    this.store.set({ ask });
  }

  /** Trades the token for a session, and then does what was refused without one. */
  async signIn(token: string, next?: () => Promise<void>): Promise<void> {
    await this.attempt({ kind: "sign-in", next }, "Signed in.", async () => {
      await request("POST", "session", { token });
      this.reopen();
      this.loader.everything();
    });
    if (this.store.state.ask === null) await next?.();
  }

  async work(work: "check" | "heal", body: WorkRequest): Promise<void> {
    const begun = work === "check" ? "The check has begun." : "The heal has begun.";
    await this.change({ kind: "work", work, request: body }, begun, () => request("POST", work, body));
  }

  async silence(silence: NewSilence): Promise<void> {
    const ask: Ask = { kind: "silence", matchers: silence.matchers.join(", ") };
    await this.change(ask, "The silence holds.", () => request("POST", "silences", silence));
  }

  async endSilence(id: number): Promise<void> {
    await this.change(null, "The silence is over.", () => request("DELETE", `silences/${id}`));
  }

  async acknowledge(incident: Extract<Ask, { kind: "acknowledge" }>["incident"], by: string): Promise<void> {
    const path = `incidents/${incident.id}/acknowledge`;
    await this.change({ kind: "acknowledge", incident }, "Acknowledged.", () => request("POST", path, { by }));
  }

  /** A change to the server: where it demands a session, asks for the token first and then tries again. */
  private async change(ask: Ask | null, done: string, send: () => Promise<unknown>): Promise<void> {
    await this.attempt(ask, done, send, () => this.change(ask, done, send));
    this.loader.facts();
  }

  private async attempt(
    ask: Ask | null,
    done: string,
    send: () => Promise<unknown>,
    again?: () => Promise<void>,
  ): Promise<void> {
    try {
      await send();
      this.store.set({ ask: null });
      this.say(done);
    } catch (error) {
      if (again && error instanceof Refused && error.status === 401) {
        this.store.set({ ask: { kind: "sign-in", next: again } });
        return;
      }
      const failure = error instanceof Error ? error.message : String(error);
      if (ask === null) this.say(`That failed: ${failure}.`);
      else this.store.set({ ask: { ...ask, failure } });
    }
  }

  private say(notice: string): void {
    this.store.set({ notice });
    setTimeout(() => {
      if (this.store.state.notice === notice) this.store.set({ notice: "" });
    }, NOTICE_MS);
  }
}
