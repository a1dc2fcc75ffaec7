import { expect, test } from "bun:test";
import { resolveConfig } from "../../../src/config.ts";
import { listeningInodes, portHolder } from "./port-holder.ts";
import { choosePorts, isPortFree, type PortChoice, usualPorts } from "./ports.ts";
import { requestedPorts } from "./requested-ports.ts";

function choice(busy: number[], rest: Partial<PortChoice> = {}) {
  const said: string[] = [];
  const isFree = async (port: number) => !busy.includes(port);
  const holder = (port: number) => (port === 5432 ? "process 7 (postgres)" : undefined);
  return {
    said,
    given: { requested: {}, remembered: {}, isFree, holder, onMoved: (line: string) => said.push(line), ...rest },
  };
}

test("takes the usual ports when they are free, silently", async () => {
  const { given, said } = choice([]);
  expect(await choosePorts(given)).toEqual(usualPorts);
  expect(said).toEqual([]);
});

test("takes a free port when the usual one is busy, and says so with the holder", async () => {
  const { given, said } = choice([5432, 15432]);
  expect((await choosePorts(given)).postgres).toBe(15433);
  expect(said).toEqual(["port 5432 for postgres is used by process 7 (postgres): taking 15433"]);
});

test("takes what it used last before the usual one", async () => {
  const { given } = choice([], { remembered: { ...usualPorts, kafka: 19092 } });
  expect((await choosePorts(given)).kafka).toBe(19092);
});

test("names a remembered port that has since been taken, and moves", async () => {
  const { given, said } = choice([19092], { remembered: { ...usualPorts, kafka: 19092 } });
  expect((await choosePorts(given)).kafka).toBe(19093);
  expect(said).toEqual(["port 19092 for kafka is used by another program: taking 19093"]);
});

test("refuses a busy port that was asked for, with the setting and the holder", async () => {
  const { given } = choice([5432], { requested: { postgres: { port: 5432, setting: "POSTGRES_PORT" } } });
  await expect(choosePorts(given)).rejects.toThrow(
    "POSTGRES_PORT asks for port 5432 for postgres, which process 7 (postgres) uses: free it, or give another port",
  );
});

test("gives no port to two servers", async () => {
  const { given } = choice([], { requested: { kafka: { port: 9093, setting: "KAFKA_BROKERS" } } });
  expect((await choosePorts(given)).kafkaController).toBe(19093);
});

test("a port is busy while something listens on it, and the listener is named", async () => {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  expect(await isPortFree(port)).toBe(false);
  expect(portHolder(port)).toStartWith(`process ${process.pid} (`);
  listener.stop(true);
  expect(await isPortFree(port)).toBe(true);
  expect(portHolder(port)).toBeUndefined();
});

test("only listening sockets of that very port count", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 111 1 0 100 0 0 10 0
   1: 0100007F:1538 0100007F:8000 01 00000000:00000000 00:00000000 00000000   101        0 222 1 0 100 0 0 10 0
   2: 0100007F:8000 0100007F:1538 0A 00000000:00000000 00:00000000 00000000   101        0 333 1 0 100 0 0 10 0`;
  expect(listeningInodes(table, 5432)).toEqual(["111"]);
});

test("settings ask for ports only where they were given", () => {
  expect(Object.values(requestedPorts(resolveConfig({}, {}))).filter(Boolean)).toEqual([]);
  const env = { POSTGRES_PORT: "6000", KAFKA_BROKERS: "localhost:6001", ELASTICSEARCH_URL: "http://127.0.0.1:6002" };
  expect(requestedPorts(resolveConfig({}, env))).toMatchObject({
    postgres: { port: 6000, setting: "POSTGRES_PORT" },
    kafka: { port: 6001, setting: "KAFKA_BROKERS" },
    elasticsearch: { port: 6002, setting: "ELASTICSEARCH_URL" },
  });
});

test.each([
  { POSTGRES_HOST: "db.example.com" },
  { KAFKA_BROKERS: "127.0.0.1:9092,127.0.0.1:9094" },
  { KAFKA_BROKERS: "kafka:9092" },
  { CONNECT_URL: "http://connect:8083" },
  { ELASTICSEARCH_URL: "https://127.0.0.1" },
])("an address that loopback servers cannot have is refused: %j", (env) => {
  expect(() => requestedPorts(resolveConfig({}, env))).toThrow("STACK_PROVIDER=external");
});
