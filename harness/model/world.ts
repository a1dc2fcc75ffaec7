import type { Barrier } from "../../daemon/heal/barrier.ts";
import { type HealedRow, type HealMessage, healEvents } from "../../daemon/heal/event.ts";
import type { CatalogTable } from "../../src/catalog.ts";
import { coalesce, type KeyOperation } from "../../src/sink/coalesce.ts";
import { decide } from "../../src/sink/decide.ts";
import { parseEnvelope } from "../../src/sink/envelope.ts";
import type { hasExpired } from "../../src/sink/expiry.ts";

/** The rules on which no update being lost rests. Each is the program's own, unless a test takes it away. */
export type Rules = {
  /** Whether what began before a barrier has ended, so that rows may be read. */
  readonly hasPassed: (barrier: Barrier, snapshotXmin: bigint) => boolean;
  /** A barrier's transaction id: an own one, or what a snapshot says of the newest that has ended. */
  readonly transactionId: "own" | "newest-ended";
  readonly healVersion: (barrier: Barrier) => number;
  readonly hasExpired: typeof hasExpired;
  /** Whether Debezium's events tell the LSN of the previous commit. */
  readonly previousCommit: boolean;
};

const KEYS = ["a", "b"] as const;
type Key = (typeof KEYS)[number];
/** A row's value; null: there is no row. */
type Value = number | null;
type Change = { readonly key: Key; readonly lsn: number; readonly value: Value };

/** index.gc_deletes of the templates. */
const GC_DELETES_MS = 3_600_000;
const MAX_RUNNING = 3;

const table: CatalogTable = {
  name: "model",
  key: ["id"],
  timeColumn: "created_at",
  columns: [
    { name: "id", type: "text", notNull: true },
    { name: "value", type: "integer", notNull: true },
  ],
};

class Transaction {
  readonly changes: Change[] = [];
  readonly view = new Map<Key, Value>();
  /** A write that waits for another transaction's change of the same key; an insert has its WAL record already. */
  waiting: { readonly key: Key; readonly insert?: { readonly lsn: number; readonly value: number } } | undefined;

  constructor(readonly id: number) {}

  do(change: Change): void {
    this.view.set(change.key, change.value);
    this.changes.push(change);
  }
}

type Heal = { readonly key: Key; readonly barrier: Barrier; messages?: readonly HealMessage[] };
type Message = { readonly key: Buffer; readonly value: Buffer | null; readonly headers?: Record<string, string> };

/**
 * PostgreSQL's writers, Debezium's stream, one Kafka partition, the sink, Elasticsearch and heals, on two keys.
 *
 * A write's WAL record starts at the insert position, and that is its LSN; a commit's LSN is its record's end. An insert
 * writes its record before it waits for another transaction's change of the same key. Commit order is stream order. A
 * heal is read, and comes into the log some time later. Consuming may go back, as after a crash. Elasticsearch forgets
 * a delete's version after gc_deletes. Messages, decisions and versions are made by the program's own code.
 */
export class World {
  private lsn = 100;
  private nextId = 1;
  private newestEnded = 0;
  private lastCommit = 0;
  private nextValue = 1;
  private nowMs = 0;
  private readonly running: Transaction[] = [];
  private readonly stream: Message[] = [];
  private readonly log: Message[] = [];
  private readonly heals: Heal[] = [];
  private position = 0;
  private readonly deletes = new Map<string, { readonly version: number; readonly atMs: number }>();
  private readonly documents = new Map<string, { readonly version: number; readonly value: number }>();
  readonly table = new Map<Key, number>();

  constructor(private readonly rules: Rules) {}

  /** What Elasticsearch holds. */
  index(): Map<string, number> {
    return new Map([...this.documents].map(([id, { value }]) => [id, value]));
  }

  /** One step of a schedule; the number decides which, and everything within it. */
  step(number: number): void {
    const random = randomFrom(number);
    this.nowMs += random() < 0.2 ? 5_400_000 * random() : 2_000 * random();
    const action = random();
    if (action < 0.12) this.begin();
    else if (action < 0.45) this.write(random);
    else if (action < 0.58) this.endOne(random);
    else if (action < 0.7) this.send();
    else if (action < 0.85) this.consume(1 + Math.floor(4 * random()));
    else if (action < 0.89) this.position = Math.floor(random() * (this.position + 1));
    else if (action < 0.94) this.takeBarrier(pick(KEYS, random));
    else this.goOnHealing(random);
  }

  /** Lets everything end, arrive and be consumed. */
  finish(number: number): void {
    const random = randomFrom(number);
    for (let round = 0; this.running.length > 0; round++) {
      for (const transaction of [...this.running]) {
        // A deadlock ends by an abort.
        if (transaction.waiting && round < 20) this.goOnWriting(transaction, random);
        else this.end(transaction, transaction.waiting === undefined);
      }
      this.goOnHealing(random);
      this.send();
    }
    while (this.heals.length > 0) this.goOnHealing(random);
    while (this.stream.length > 0) this.send();
    while (this.position < this.log.length) this.consume(3);
  }

  private begin(): void {
    if (this.running.length < MAX_RUNNING) this.running.push(new Transaction(this.nextId++));
  }

  /** Writes a WAL record. Returns where it starts. */
  private record(random: () => number): number {
    const start = this.lsn;
    this.lsn += 2 + Math.floor(3 * random());
    return start;
  }

  private holder(key: Key, other: Transaction): Transaction | undefined {
    return this.running.find((one) => one !== other && one.view.has(key));
  }

  private seen(transaction: Transaction, key: Key): Value {
    const own = transaction.view.get(key);
    return own === undefined ? (this.table.get(key) ?? null) : own;
  }

  private write(random: () => number): void {
    if (this.running.length === 0) return;
    const transaction = pick(this.running, random);
    if (transaction.waiting) {
      this.goOnWriting(transaction, random);
      return;
    }
    const key = pick(KEYS, random);
    const held = this.holder(key, transaction) !== undefined;
    if (this.seen(transaction, key) === null || (held && random() < 0.5)) {
      const insert = { lsn: this.record(random), value: this.nextValue++ };
      if (held) transaction.waiting = { key, insert };
      else transaction.do({ key, ...insert });
    } else if (held) transaction.waiting = { key };
    else this.modify(transaction, key, random);
  }

  private goOnWriting(transaction: Transaction, random: () => number): void {
    const { waiting } = transaction;
    if (waiting === undefined || this.holder(waiting.key, transaction)) return;
    transaction.waiting = undefined;
    if (waiting.insert === undefined) this.modify(transaction, waiting.key, random);
    // The unique index is looked at only now.
    else if (this.table.has(waiting.key)) this.end(transaction, false);
    else transaction.do({ key: waiting.key, ...waiting.insert });
  }

  /** An update, or a delete. */
  private modify(transaction: Transaction, key: Key, random: () => number): void {
    if (this.seen(transaction, key) === null) return;
    const value = random() < 0.4 ? null : this.nextValue++;
    transaction.do({ key, lsn: this.record(random), value });
  }

  private endOne(random: () => number): void {
    if (this.running.length === 0) return;
    const transaction = pick(this.running, random);
    if (transaction.waiting === undefined) this.end(transaction, random() < 0.85);
  }

  private end(transaction: Transaction, commit: boolean): void {
    this.running.splice(this.running.indexOf(transaction), 1);
    this.newestEnded = Math.max(this.newestEnded, transaction.id);
    if (!commit) return;
    for (const [key, value] of transaction.view) {
      if (value === null) this.table.delete(key);
      else this.table.set(key, value);
    }
    this.lsn += 3;
    for (const change of transaction.changes) this.stream.push(this.event(change));
    if (transaction.changes.length > 0) this.lastCommit = this.lsn;
  }

  /** As Debezium writes it, as far as the sink reads it. */
  private event({ key, lsn, value }: Change): Message {
    const previous = this.rules.previousCommit && this.lastCommit > 0 ? String(this.lastCommit) : null;
    const envelope = {
      before: null,
      after: value === null ? null : { id: key, value },
      source: { lsn, sequence: JSON.stringify([previous, String(lsn)]), ts_us: this.nowMs * 1_000 },
      op: value === null ? "d" : "u",
    };
    return { key: Buffer.from(JSON.stringify({ id: key })), value: Buffer.from(JSON.stringify(envelope)) };
  }

  private send(): void {
    const message = this.stream.shift();
    if (message) this.log.push(message);
  }

  /** The sink takes a batch. */
  private consume(size: number): void {
    const entries: { operation: KeyOperation }[] = [];
    for (const { key, value, headers } of this.log.slice(this.position, this.position + size)) {
      this.position += 1;
      if (value === null || this.rules.hasExpired(headers, this.nowMs)) continue;
      const envelope = parseEnvelope(value);
      if (envelope === null) continue;
      const operation = decide(table, envelope, key);
      if (operation.kind !== "truncate") entries.push({ operation });
    }
    for (const { operation } of coalesce(entries)) this.apply(operation);
  }

  /** As Elasticsearch does with version_type external_gte. */
  private apply(operation: KeyOperation): void {
    const { id, version } = operation;
    const deleted = this.deletes.get(id);
    if (deleted && this.nowMs - deleted.atMs >= GC_DELETES_MS) this.deletes.delete(id);
    const known = this.documents.get(id)?.version ?? this.deletes.get(id)?.version ?? -1;
    if (version < known) return;
    if (operation.kind === "delete") {
      this.documents.delete(id);
      this.deletes.set(id, { version, atMs: this.nowMs });
    } else {
      this.deletes.delete(id);
      this.documents.set(id, { version, value: Number(operation.document.value) });
    }
  }

  private takeBarrier(key: Key): void {
    const own = this.rules.transactionId === "own";
    const transactionId = BigInt(own ? this.nextId++ : this.newestEnded);
    if (own) this.newestEnded = Math.max(this.newestEnded, Number(transactionId));
    this.heals.push({ key, barrier: { lsn: this.lsn, transactionId } });
  }

  /** pg_snapshot_xmin: the oldest transaction that runs, else one past the newest that has ended. */
  private snapshotXmin(): bigint {
    return BigInt(Math.min(...this.running.map(({ id }) => id), this.newestEnded + 1));
  }

  private goOnHealing(random: () => number): void {
    for (const heal of [...this.heals]) {
      if (random() < 0.5) continue;
      if (heal.messages) {
        this.log.push(...heal.messages);
        this.heals.splice(this.heals.indexOf(heal), 1);
      } else if (this.rules.hasPassed(heal.barrier, this.snapshotXmin())) heal.messages = this.read(heal);
    }
  }

  private read({ key, barrier }: Heal): readonly HealMessage[] {
    const value = this.table.get(key);
    const row: HealedRow = value === undefined ? { deletedKey: [key] } : { id: key, value: String(value) };
    const version = this.rules.healVersion(barrier);
    return healEvents(table, row, { topicPrefix: "model", database: "model", version, healId: 1, nowMs: this.nowMs });
  }
}

/** mulberry32: 32 bits of state are enough for the few choices within a step. */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(values: readonly T[], random: () => number): T {
  return values[Math.floor(random() * values.length)] as T;
}
