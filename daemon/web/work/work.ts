import { messageOf } from "../../../src/errors.ts";
import type { Log } from "../../../src/log.ts";
import { Failure } from "../answer/failure.ts";
import type { Wanted } from "../body/work.ts";

/** What a leading watchdog does when a person asks for it; each resolves at its end. */
export type Leader = Readonly<Record<"check" | "heal", (wanted: Wanted) => Promise<void>>>;

/** Begins work that a person asks for, one of a kind at a time, while this watchdog leads. */
export class Work {
  private leader: Leader | null = null;
  private readonly underWay = new Map<keyof Leader, Leader>();

  constructor(private readonly log: Log) {}

  get isLeading(): boolean {
    return this.leader !== null;
  }

  /** The watchdog leads, or (null) no longer does. */
  lead(leader: Leader | null): void {
    this.leader = leader;
  }

  /** Begins, and does not wait for the end. @throws Failure 409 where this watchdog does not lead, or is at it already */
  begin(kind: keyof Leader, wanted: Wanted): void {
    const { leader } = this;
    if (leader === null) throw new Failure(409, "this watchdog does not lead", "the leading one's address");
    // What an earlier leadership began ends with it.
    if (this.underWay.get(kind) === leader) {
      throw new Failure(409, `a ${kind} is under way`, "to be asked again when it has ended");
    }
    this.underWay.set(kind, leader);
    this.log.info(`a ${kind} was asked for on the page`, { table: wanted.table, confirm: wanted.confirm });
    const end = () => {
      if (this.underWay.get(kind) === leader) this.underWay.delete(kind);
    };
    leader[kind](wanted).then(end, (error: unknown) => {
      end();
      if (this.leader === leader) this.log.error(`the ${kind} failed`, { error: messageOf(error) });
    });
  }
}
