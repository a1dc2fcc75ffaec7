import type { Status } from "../../daemon/web/api.ts";
import type { Config } from "../../src/config.ts";
import { poll } from "../poll.ts";
import type { Daemon } from "./daemon.ts";

/** A status as it came, and when, in milliseconds of `performance.now()`. */
export type Seen = { readonly atMs: number; readonly status: Status };

/** A watchdog's page, as programs reach it. */
export type Page = {
  readonly url: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** With the token. */
  change(method: "POST" | "DELETE", path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The JSON of an answer that is 2xx. @throws Error with what came else */
  read<T>(path: string): Promise<T>;
  follow(): Promise<Follower>;
};

/** An open stream of events. */
export type Follower = {
  readonly seen: readonly Seen[];
  /** Whether the server ended it. */
  readonly ended: () => boolean;
  leave(): void;
};

/** Waits until a watchdog serves its page. */
export async function openPage(daemon: Daemon, { watchdogToken }: Pick<Config, "watchdogToken">): Promise<Page> {
  await daemon.until("serving the page", 20_000);
  const [, url = ""] = /serving the page url="([^"]+)"/.exec(daemon.log()) ?? [];
  await poll("the page to answer", 20_000, async () => (await fetch(`${url}/healthz`)).ok);
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${url}${path}`, { headers });
  return {
    url,
    get,
    change: (method, path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method,
        headers: { "content-type": "application/json", authorization: `Bearer ${watchdogToken}`, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async read<T>(path: string) {
      const response = await get(path);
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    follow: () => follow(url),
  };
}

async function follow(url: string): Promise<Follower> {
  const stop = new AbortController();
  const { body } = await fetch(`${url}/api/events`, { signal: stop.signal });
  const seen: Seen[] = [];
  let ended = false;
  const read = async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of body as ReadableStream<Uint8Array<ArrayBuffer>>) {
      text += decoder.decode(chunk, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const [, data] = /^data: (.*)$/m.exec(event) ?? [];
        if (data !== undefined) seen.push({ atMs: performance.now(), status: JSON.parse(data) as Status });
      }
    }
  };
  void read()
    .catch(() => {})
    .finally(() => {
      ended = true;
    });
  return { seen, ended: () => ended, leave: () => stop.abort() };
}

/** Waits until a follower has seen a status of which something holds; what it saw last is told else. */
export async function untilSeen(
  follower: Follower,
  what: string,
  timeoutMs: number,
  holds: (status: Status) => boolean,
): Promise<Seen> {
  return poll(
    what,
    timeoutMs,
    () => follower.seen.find(({ status }) => holds(status)),
    () => JSON.stringify(follower.seen.at(-1)?.status),
  );
}
