import { Failure } from "../answer/failure.ts";

/** The longest body that is read. */
const MAX_BYTES = 16_384;

/** The fields of a request's JSON body. @throws Failure 400 or 413 that says what was expected */
export async function readFields(request: Request): Promise<Fields> {
  const length = Number(request.headers.get("content-length") ?? 0);
  const text = length > MAX_BYTES ? null : await request.text();
  if (text === null || text.length > MAX_BYTES) {
    throw new Failure(413, "the body is too long", `at most ${MAX_BYTES} bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text === "" ? "{}" : text);
  } catch {
    throw new Failure(400, "the body is not JSON", "a JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Failure(400, "the body is JSON, but no object", "a JSON object");
  }
  return new Fields(value as Record<string, unknown>);
}

/** Fields of a body or a query, taken one by one; each says what it expected. */
export class Fields {
  private readonly taken = new Set<string>();

  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  static ofQuery(url: string): Fields {
    return new Fields(Object.fromEntries(new URL(url).searchParams));
  }

  /** A text that is not blank. @throws Failure 400 */
  text(name: string, maxCharacters: number): string {
    return this.expect(name, this.optionalText(name, maxCharacters), "a text");
  }

  optionalText(name: string, maxCharacters: number): string | undefined {
    const expected = `a text of 1 to ${maxCharacters} characters`;
    return this.optional(name, expected, (value) => {
      const text = typeof value === "string" ? value.trim() : "";
      return text === "" || text.length > maxCharacters ? undefined : text;
    });
  }

  texts(name: string, maxCount: number, maxCharacters: number): readonly string[] {
    const expected = `a list of 1 to ${maxCount} texts`;
    const list = this.optional(name, expected, (value) => {
      const fits = (one: unknown) => typeof one === "string" && one.length <= maxCharacters;
      return Array.isArray(value) && value.length > 0 && value.length <= maxCount && value.every(fits)
        ? (value as string[])
        : undefined;
    });
    return this.expect(name, list, expected);
  }

  /** A whole number; also as text, as a query has it. */
  optionalInteger(name: string, min: number, max: number): number | undefined {
    return this.optional(name, `a whole number from ${min} to ${max}`, (value) => {
      const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
      return Number.isInteger(number) && Number(number) >= min && Number(number) <= max ? Number(number) : undefined;
    });
  }

  integer(name: string, min: number, max: number): number {
    return this.expect(name, this.optionalInteger(name, min, max), `a whole number from ${min} to ${max}`);
  }

  optionalFlag(name: string): boolean | undefined {
    return this.optional(name, "true or false", (value) => (typeof value === "boolean" ? value : undefined));
  }

  /** A time, in milliseconds since 1970. */
  optionalTime(name: string): number | undefined {
    return this.optional(name, "a time such as 2026-11-24T12:30:00Z", (value) => {
      // Without a zone a time would be that of wherever the watchdog runs.
      const shape = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;
      const ms = typeof value === "string" && shape.test(value) ? Date.parse(value) : Number.NaN;
      return Number.isNaN(ms) ? undefined : ms;
    });
  }

  optionalChoice<const Option extends string>(name: string, options: readonly Option[]): Option | undefined {
    return this.optional(name, `one of ${options.join(", ")}`, (value) => options.find((option) => option === value));
  }

  /** Nothing else is in the body. @throws Failure 400 that names what is */
  end(): void {
    const others = Object.keys(this.values).filter((name) => !this.taken.has(name));
    if (others.length === 0) return;
    const expected = this.taken.size === 0 ? "none" : [...this.taken].join(", ");
    throw new Failure(
      400,
      `unknown: ${others
        .slice(0, 5)
        .map((name) => name.slice(0, 40))
        .join(", ")}`,
      expected,
    );
  }

  private optional<Value>(
    name: string,
    expected: string,
    read: (value: unknown) => Value | undefined,
  ): Value | undefined {
    this.taken.add(name);
    const value = this.values[name];
    if (value === undefined || value === null) return undefined;
    const found = read(value);
    if (found === undefined) throw new Failure(400, `${name} is wrong`, expected);
    return found;
  }

  private expect<Value>(name: string, value: Value | undefined, expected: string): Value {
    if (value === undefined) throw new Failure(400, `${name} is missing`, expected);
    return value;
  }
}
