export type Status = "ok" | "warn" | "fail" | "skip";
export type Labels = Readonly<Record<string, string>>;

/** What one question came to. `warn` works, at a cost or a risk; `skip` could not be judged, and says why. */
export type Check = {
  /** What was asked, in kebab case. With the labels it names the check in every run. */
  readonly check: string;
  readonly status: Status;
  readonly expected: string;
  readonly found: string;
  /** A command, SQL, or what a person is to do; empty where all is well. */
  readonly remedy: string;
  readonly labels: Labels;
};

/** The outcomes that a check may have. */
export function about(check: string, expected: string, labels: Labels = {}) {
  const outcome =
    (status: Status) =>
    (found: string, remedy = ""): Check => ({ check, status, expected, found, remedy, labels });
  return { ok: outcome("ok"), warn: outcome("warn"), fail: outcome("fail"), skip: outcome("skip") };
}

/** Checks that another's failure keeps from being judged. */
export function skipped(checks: readonly string[], why: string, labels: Labels = {}): readonly Check[] {
  return checks.map((check) => about(check, "", labels).skip(why));
}
