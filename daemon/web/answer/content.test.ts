import { expect, test } from "bun:test";
import { accepts, Content, isKnown, send } from "./content.ts";
import { SharedAnswers } from "./shared.ts";

const asking = (headers: Record<string, string>) => new Request("http://localhost/", { headers });
const long = Content.json({ text: "x".repeat(5_000) });

test("content goes compressed to those who take that, and where it saves anything", async () => {
  const zipped = send(asking({ "accept-encoding": "br, gzip;q=0.5" }), long);
  expect(zipped.headers.get("content-encoding")).toBe("gzip");
  expect(new TextDecoder().decode(Bun.gunzipSync(await zipped.arrayBuffer()))).toBe(
    new TextDecoder().decode(long.bytes),
  );
  for (const coding of ["gzip;q=0", "gzip; q=0.000", "br", ""]) {
    const plain = send(asking({ "accept-encoding": coding }), long);
    expect([coding, plain.headers.get("content-encoding")]).toEqual([coding, null]);
    expect(await plain.json()).toEqual({ text: "x".repeat(5_000) });
  }
  expect(send(asking({ "accept-encoding": "gzip" }), Content.json({})).headers.get("content-encoding")).toBeNull();
  expect(accepts(asking({ "accept-encoding": "GZIP" }), "gzip")).toBe(true);
});

test("who has it already is sent nothing, but for answers that are no 200", () => {
  const known = (text: string) => isKnown(asking({ "if-none-match": text }), '"a"');
  expect(['"a"', 'W/"a"', '"b", "a"', "*"].map(known)).toEqual([true, true, true, true]);
  expect(['"b"', "a", ""].map(known)).toEqual([false, false, false]);
  const again = asking({ "if-none-match": long.etag });
  expect(send(again, long).status).toBe(304);
  expect(send(again, long, 401).status).toBe(401);
  expect(Content.json({ text: "y".repeat(5_000) }).etag).not.toBe(long.etag);
});

test("pages that ask the same share one reading; after a change it is read anew", async () => {
  const answers = new SharedAnswers();
  let reads = 0;
  const ask = (question: string) => answers.get(question, async () => ++reads, 60_000);
  const [one, other] = await Promise.all([ask("a"), ask("a")]);
  expect(one).toBe(other as Content);
  await ask("b");
  expect(reads).toBe(2);
  answers.forget();
  await ask("a");
  expect(reads).toBe(3);
  for (let n = 0; n < 100; n++) await ask(`question ${n}`);
  await ask("a");
  expect(reads).toBe(104);
});
