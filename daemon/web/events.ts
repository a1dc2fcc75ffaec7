import type { Status } from "./api.ts";

/** How often something new is looked for; after what silence a heartbeat comes; and how long a client that takes nothing
 * stays. */
const TIMES = { tickMs: 1_000, beatMs: 15_000, slowMs: 30_000 };
/** Pages that may be open at once. */
const MAX_CLIENTS = 1_000;
/** What a browser waits before it connects anew. */
const RETRY_MS = 2_000;

type Frame = { readonly sequence: number; readonly bytes: Uint8Array<ArrayBuffer>; readonly atMs: number };

type Client = { seen: number; sinceMs: number; end: () => void };

/**
 * Tells every open page of what is new: made once a second at most, whatever their number, and not at all while there is
 * none. A client takes the newest when it can, and never more than that: nothing is kept for a slow one.
 */
export class Events {
  private readonly clients = new Set<Client>();
  private readonly encoder = new TextEncoder();
  private latest: Frame | undefined;
  private beat: Frame | undefined;
  private sequence = 0;
  private last = "";
  private next = Promise.withResolvers<void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    private readonly read: () => Promise<Status>,
    private readonly times = TIMES,
  ) {}

  get size(): number {
    return this.clients.size;
  }

  /** The stream of one page; undefined where too many are open. */
  open(): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
    if (this.closed || this.clients.size >= MAX_CLIENTS) return undefined;
    let client: Client;
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          client = {
            seen: 0,
            sinceMs: performance.now(),
            end: () => {
              this.leave(client);
              try {
                controller.close();
              } catch {
                // It went by itself meanwhile.
              }
            },
          };
          this.clients.add(client);
          controller.enqueue(this.encoder.encode(`retry: ${RETRY_MS}\n\n`));
          // What was last shown is too old to be shown again when nobody was there to renew it.
          if (this.timer === undefined) this.latest = undefined;
          this.timer ??= setTimeout(() => void this.tick(), 0);
        },
        pull: async (controller) => {
          while (this.clients.has(client)) {
            const frame = [this.latest, this.beat].find((one) => one !== undefined && one.sequence > client.seen);
            if (frame !== undefined) {
              client.seen = Math.max(client.seen, frame.sequence);
              client.sinceMs = performance.now();
              controller.enqueue(frame.bytes);
              return;
            }
            await this.next.promise;
          }
        },
        cancel: () => this.leave(client),
      },
      { highWaterMark: 0 },
    );
    return stream;
  }

  /** Ends every stream; none is opened any more. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const client of this.clients) client.end();
    this.wake();
  }

  private async tick(): Promise<void> {
    const begunMs = performance.now();
    // A status that cannot be made is told by none coming; the heartbeat goes on.
    const status = await this.read().catch(() => undefined);
    if (this.closed) return;
    if (status !== undefined) this.publish(status);
    this.beatIfDue();
    this.dropSlow();
    this.timer =
      this.clients.size === 0
        ? undefined
        : setTimeout(() => void this.tick(), Math.max(0, begunMs + this.times.tickMs - performance.now()));
  }

  private publish(status: Status): void {
    const { at, ...rest } = status;
    const text = JSON.stringify(rest);
    if (text === this.last && this.latest !== undefined) return;
    this.last = text;
    const sequence = ++this.sequence;
    const bytes = this.encoder.encode(`event: status\nid: ${sequence}\ndata: ${JSON.stringify({ at, ...rest })}\n\n`);
    this.latest = { sequence, bytes, atMs: performance.now() };
    this.wake();
  }

  private beatIfDue(): void {
    const lastMs = Math.max(this.latest?.atMs ?? 0, this.beat?.atMs ?? 0);
    if (performance.now() - lastMs < this.times.beatMs) return;
    this.beat = { sequence: ++this.sequence, bytes: this.encoder.encode(": still here\n\n"), atMs: performance.now() };
    this.wake();
  }

  private dropSlow(): void {
    for (const client of this.clients) {
      if (client.seen < this.sequence && performance.now() - client.sinceMs > this.times.slowMs) client.end();
    }
  }

  private leave(client: Client): void {
    this.clients.delete(client);
  }

  private wake(): void {
    const { resolve } = this.next;
    this.next = Promise.withResolvers<void>();
    resolve();
  }
}
