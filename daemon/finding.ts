/**
 * Something that is wrong now, as a probe or a comparison saw it. Findings of one kind with the same labels are the
 * same fault, whenever they are seen.
 */
export type Finding = {
  /** What is wrong, in kebab case: `slot-missing`, `divergence`. */
  readonly kind: string;
  readonly severity: "warning" | "critical";
  /** What it is about: `{ slot: "tidemark" }`, `{ table: "clicks" }`. Part of its identity, so never a count or a time. */
  readonly labels: Readonly<Record<string, string>>;
  /** One line for people, with figures; never a row's value. */
  readonly summary: string;
  /** The evidence, by name. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** What a person is to type or to do. */
  readonly remedy: string;
  /** What the watchdog does about it by itself; undefined where it can do nothing. */
  readonly action?: string;
};
