import type { Finding } from "../../finding.ts";
import { type Advance, advance, CAUSE_LINGERS_MS, type Due, type Look, unknownFindings } from "../incidents/advance.ts";
import type { Incident } from "../incidents/incident.ts";
import type { Silence } from "../incidents/silence.ts";

export const POLICY = { groupMs: 30_000, repeatMs: 4 * 3_600_000 };
export const EVERY_MS = 15_000;

/** What a message said, and when. */
export type Message = Due & { readonly atMs: number };

export function fault(kind: string, labels: Record<string, string> = {}): Finding {
  return { kind, severity: "critical", labels, summary: `${kind} is here`, facts: {}, remedy: "mend it" };
}

/** The store and the clock around the pure state machine. */
export class Clock {
  nowMs = 1_000_000;
  open: readonly Incident[] = [];
  silences: readonly Silence[] = [];
  readonly messages: Message[] = [];
  last: Advance | undefined;
  private ended: readonly Incident[] = [];
  private lastId = 0;

  /** A look that can see every kind of fault. */
  look(...findings: readonly Finding[]): readonly string[] {
    return this.step({ covers: { has: () => true } as unknown as ReadonlySet<string>, findings });
  }

  step(look: Look): readonly string[] {
    this.last = this.consider(look);
    this.open = this.last.incidents.filter(({ state }) => state !== "resolved");
    this.ended = [...this.ended, ...this.last.incidents.filter(({ state }) => state === "resolved")];
    this.messages.push(...this.last.due.map((due) => ({ ...due, atMs: this.nowMs })));
    return this.last.due.map((due) => `${due.event} ${due.incidents.map((one) => one.kind).join(" ")}`);
  }

  /** What a look would come to, by a process that is killed before it has kept any of it. */
  consider(look: Look): Advance {
    const ids = unknownFindings(this.open, look).map(() => ++this.lastId);
    const endings = new Map<string, number>();
    for (const { fingerprint, resolvedAtMs, toldAtMs } of this.ended) {
      if (toldAtMs === null || (resolvedAtMs ?? 0) < this.nowMs - 3_600_000) continue;
      endings.set(fingerprint, (endings.get(fingerprint) ?? 0) + 1);
    }
    const ended = this.ended.filter((one) => (one.resolvedAtMs ?? 0) >= this.nowMs - CAUSE_LINGERS_MS);
    return advance(this.open, look, { silences: this.silences, endings, ended }, ids, this.nowMs, POLICY);
  }

  /** A new process: nothing lives on but what a store can hold. */
  restart(): void {
    this.open = JSON.parse(JSON.stringify(this.open)) as readonly Incident[];
    this.ended = JSON.parse(JSON.stringify(this.ended)) as readonly Incident[];
  }

  pass(ms = EVERY_MS): this {
    this.nowMs += ms;
    return this;
  }
}
