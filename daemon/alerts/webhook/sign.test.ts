import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { secretMistake, signaturesOf } from "./sign.ts";

const first = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const second = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

test("the specification's own example", () => {
  const at = new Date(1_614_265_330_000);
  expect(signaturesOf([first], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')).toBe(
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  );
});

test("one signature for each secret, over id, seconds and the body's UTF-8", () => {
  const body = '{"summary":"é 🌊"}';
  const hmac = createHmac("sha256", Buffer.alloc(32, 7)).update(`msg_1.1700000000.${body}`).digest("base64");
  const [one, other, ...rest] = signaturesOf([first, second], "msg_1", new Date(1_700_000_000_999), body).split(" ");
  expect(one).toStartWith("v1,");
  expect(other).toBe(`v1,${hmac}`);
  expect(rest).toEqual([]);
});

test.each([
  "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_",
  "whsec_!!!",
  "whsec_abc",
  "whsec_c2hvcnQ=",
  `whsec_${"A".repeat(88)}`,
])("%p is no secret, and the mistake does not tell it", (secret) => {
  const mistake = secretMistake(secret);
  expect(mistake).toStartWith("expected ");
  if (secret.length > 6) expect(mistake).not.toContain(secret.slice(6));
});

test("both secrets are well formed", () => {
  expect([secretMistake(first), secretMistake(second)]).toEqual([null, null]);
});
