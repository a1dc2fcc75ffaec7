/** What a setting's text may be, and how it is turned into a value. */
export type Setting<Value = unknown> = {
  readonly env: string;
  readonly help: string;
  readonly default: Value;
  /** Read from NAME_FILE too, and never printed. */
  readonly secret: boolean;
  /** Shown in help: what the value is. */
  readonly kind: string;
  /** The value of a text, or throws an Error that says what was expected. */
  readonly parse: (text: string) => Value;
};

type Declared<Value> = { env: string; default: Value; help: string };

export function text(declared: Declared<string>): Setting<string> {
  return { ...declared, secret: false, kind: "text", parse: (value) => value };
}

export function secret(declared: Declared<string>): Setting<string> {
  return { ...declared, secret: true, kind: "secret", parse: (value) => value };
}

export function integer(declared: Declared<number> & { min: number; max: number }): Setting<number> {
  const { min, max, ...rest } = declared;
  return { ...rest, secret: false, kind: "integer", parse: (value) => parseInteger(value, min, max) };
}

export function choice<const Option extends string>(
  declared: Declared<Option> & { options: readonly Option[] },
): Setting<Option> {
  const { options, ...rest } = declared;
  const parse = (value: string) => {
    const found = options.find((option) => option === value);
    if (found === undefined) throw new Error(`expected one of ${options.join(", ")}`);
    return found;
  };
  return { ...rest, secret: false, kind: options.join("|"), parse };
}

export function url(declared: Declared<string>): Setting<string> {
  const parse = (value: string) => {
    const parsed = URL.parse(value);
    if (parsed === null || !/^https?:$/.test(parsed.protocol))
      throw new Error("expected an http:// or https:// address");
    return value.replace(/\/+$/, "");
  };
  return { ...declared, secret: false, kind: "url", parse };
}

/** A name that PostgreSQL, Kafka and Elasticsearch all take as it is. */
export function identifier(declared: Declared<string> & { pattern: RegExp }): Setting<string> {
  const { pattern, ...rest } = declared;
  const parse = (value: string) => {
    if (!pattern.test(value)) throw new Error(`expected a name that matches ${pattern.source}`);
    return value;
  };
  return { ...rest, secret: false, kind: "name", parse };
}

/** A whole number from `min` to `max`; throws an Error that names both. */
export function parseInteger(value: string, min: number, max: number): number {
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || number < min || number > max) {
    throw new Error(`expected a whole number from ${min} to ${max}`);
  }
  return number;
}
