/** An id as `list` and `alerts` print it. @throws Error that says what was expected */
export function parseId(text: string): number {
  const id = Number(text.replace(/^#/, ""));
  if (!/^#?\d+$/.test(text) || !Number.isSafeInteger(id))
    throw new Error(`expected an id such as 17, came ${JSON.stringify(text)}`);
  return id;
}
