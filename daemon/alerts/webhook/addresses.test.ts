import { expect, test } from "bun:test";
import { isPublic, judgedAddresses, RefusedAddress, systemResolve } from "./addresses.ts";

test.each([
  "0.0.0.0",
  "0.1.2.3",
  "10.1.2.3",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.170",
  "192.0.2.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:10.0.0.1",
  "::ffff:8.8.8.8",
  "::7f00:1",
  "::808:808",
  "64:ff9b::a00:1",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:a00:1::1",
  "3fff::1",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "nonsense",
  "",
])("%p is not public", (address) => {
  expect(isPublic(address)).toBe(false);
});

test.each(["8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"])(
  "%p is public",
  (address) => {
    expect(isPublic(address)).toBe(true);
  },
);

const family = 4;

test.each([
  ["127.0.0.1"],
  ["[::1]"],
  [new URL("http://[::127.0.0.1]").hostname],
  ["[::ffff:127.0.0.1]"],
  // As URL turns them: http://2130706433, http://0x7f.1, http://127.1
  [new URL("http://2130706433").hostname],
  [new URL("http://0x7f.1").hostname],
  [new URL("http://127.1").hostname],
])("%p is judged without asking anybody", async (hostname) => {
  const resolve = () => Promise.reject(new Error("asked"));
  await expect(judgedAddresses(hostname, resolve, false)).rejects.toThrow(RefusedAddress);
});

test("one address that is not public is enough to refuse a name", async () => {
  const resolve = async () => [
    { address: "93.184.216.34", family },
    { address: "10.0.0.5", family },
  ];
  await expect(judgedAddresses("two.example", resolve, false)).rejects.toThrow(
    "two.example is at 10.0.0.5 (private), which is no public address; use a public one, or allow private addresses",
  );
  expect(await judgedAddresses("two.example", resolve, true)).toHaveLength(2);
});

test("a name without an address is an error, not a refusal", async () => {
  await expect(judgedAddresses("none.example", async () => [], false)).rejects.toThrow("none.example has no address");
});

test("the system knows localhost, which is refused", async () => {
  await expect(judgedAddresses("localhost", systemResolve, false)).rejects.toThrow(RefusedAddress);
});
