import type { Verdict } from "./classify.ts";
import type { Divergence } from "./recheck.ts";

/** Why a row differs, as far as looking could tell. */
export type Cause =
  /** The sink put its event aside: Elasticsearch refused it. */
  | "dead-letter"
  /** Its event is in Kafka, and the sink has not come to it. */
  | "not-consumed"
  /** Its event is in Kafka and was consumed, and Elasticsearch does not show it: the sink, or its offsets. */
  | "not-indexed"
  /** Its event never came to Kafka: Debezium, or the slot. */
  | "not-in-kafka"
  /** Something other than the sink wrote to the index. */
  | "other-hands"
  | "unknown";

/** The last event of a row in Kafka. */
export type LastEvent = {
  readonly partition: number;
  readonly offset: bigint;
  readonly version: number;
  /** The digest of the row that it carries; null for a delete. */
  readonly digest: number | null;
};

export type Evidence = {
  readonly letterError?: string;
  readonly event?: LastEvent;
  /** Whether the sink's group has committed past that event. */
  readonly consumed: boolean;
  /** Whether every message since the row's time was looked at. */
  readonly searchedAll: boolean;
  /** The version of a delete that Elasticsearch remembers for the document. */
  readonly tombstone?: number;
};

export type Explanation = { readonly verdict: Verdict; readonly cause: Cause; readonly detail: string };

/** Names the cause of a proven divergence from the evidence found; pure. Corrects stale to corrupt where it shows. */
export function explain(divergence: Divergence, evidence: Evidence): Explanation {
  const { verdict, row, document } = divergence;
  const { event, tombstone } = evidence;
  const say = (cause: Cause, detail: string, as: Verdict = verdict): Explanation => ({ verdict: as, cause, detail });
  if (document !== undefined && document.version !== document.lsn) {
    return say(
      "other-hands",
      `the document's version is ${document.version}, the sink wrote ${document.lsn ?? "none"}`,
    );
  }
  if (verdict === "corrupt") return say("other-hands", "the document's fields are not those of the digest it carries");
  if (evidence.letterError !== undefined) return say("dead-letter", evidence.letterError);
  if (event === undefined) {
    if (evidence.searchedAll) return say("not-in-kafka", "no event of this row is in Kafka since the time it names");
    return say("unknown", "Kafka was not searched to its end in time");
  }
  const at = `its last event is version ${event.version} at partition ${event.partition}, offset ${event.offset}`;
  if (event.digest !== (row?.digest ?? null)) return say("not-in-kafka", `${at}, and older than the row`);
  if (!evidence.consumed) return say("not-consumed", at);
  if (document !== undefined && event.version === document.version) return say("other-hands", at, "corrupt");
  if (tombstone !== undefined && tombstone > event.version) {
    return say("other-hands", `${at}; Elasticsearch remembers a delete of version ${tombstone}`);
  }
  return say("not-indexed", at);
}
