import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PortChoice, type Ports, portNames, usualPorts } from "./ports.ts";
import { releasePorts, reservePorts } from "./reservations.ts";

const folder = mkdtempSync(join(tmpdir(), "tidemark-reservations-"));
afterAll(() => rmSync(folder, { recursive: true }));

const said: string[] = [];
const choice: PortChoice = {
  requested: {},
  remembered: {},
  isFree: async () => true,
  holder: () => undefined,
  onMoved: (line) => said.push(line),
};
const file = join(folder, "ports.json");
type Noted = { port: number; stackDir: string; pid: number };

/** As if the process that noted them had ended. */
function endStarters(): void {
  const noted = (JSON.parse(readFileSync(file, "utf8")) as Noted[]).map((one) => ({ ...one, identity: "gone" }));
  writeFileSync(file, JSON.stringify(noted));
}

test("a stack keeps its ports while the process that started it lives, and until it is stopped", async () => {
  expect(await reservePorts(folder, "/first", choice)).toEqual(usualPorts);
  const second = await reservePorts(folder, "/second", choice);
  expect(Object.values(second).filter((port) => Object.values(usualPorts).includes(port))).toEqual([]);
  expect(said).toContain("port 5432 for postgres is used by the stack in /first: taking 15432");
  expect(await reservePorts(folder, "/first", choice)).toEqual(usualPorts);
  await releasePorts(folder, "/first");
  expect(await reservePorts(folder, "/third", choice)).toEqual(usualPorts);
  await releasePorts(folder, "/second");
  await releasePorts(folder, "/third");
});

test("after its starter's end a stack keeps all its ports while one of them is listened on, and then none", async () => {
  const listeners = portNames.map(() => Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } }));
  const remembered = Object.fromEntries(portNames.map((name, index) => [name, listeners[index]?.port])) as Ports;
  const [listener, ...others] = listeners;
  for (const other of others) other.stop(true);
  expect(await reservePorts(folder, "/first", { ...choice, remembered })).toEqual(remembered);
  endStarters();
  const second = Object.values(await reservePorts(folder, "/second", { ...choice, remembered }));
  expect(second.filter((port) => Object.values(remembered).includes(port))).toEqual([]);
  await releasePorts(folder, "/second");
  listener?.stop(true);
  expect(await reservePorts(folder, "/second", { ...choice, remembered })).toEqual(remembered);
});

test("a file that was cut short keeps nobody from starting", async () => {
  writeFileSync(file, "[{");
  expect(await reservePorts(folder, "/first", choice)).toEqual(usualPorts);
});
