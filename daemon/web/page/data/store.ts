import { INITIAL, type State } from "./state.ts";

/** Holds the page's state, and has it drawn once a frame when it changed. */
export class Store {
  state: State = INITIAL;
  private due = false;

  constructor(private readonly draw: (state: State) => void) {}

  set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    if (this.due) return;
    this.due = true;
    // A page in the background has no frames, and needs none.
    requestAnimationFrame(() => {
      this.due = false;
      this.draw(this.state);
    });
  }
}
