import { sleep } from "../../../src/sleep.ts";

const FIRST_MS = 250;
const LONGEST_MS = 8_000;
/** Answers to one address that are held back at once. */
const HELD = 4;
/** Addresses whose failures are remembered. */
const REMEMBERED = 1_000;

/** Makes guessing a token slow: each wrong one is answered later than the one before, and few at a time. */
export class Attempts {
  private readonly failures = new Map<string, number>();
  private readonly held = new Map<string, number>();

  constructor(private readonly wait: (ms: number) => Promise<void> = sleep) {}

  /**
   * Judges a token that came from an address. `refused`: too many of its wrong ones still wait for their answers, and
   * this one was not looked at.
   */
  async judge(address: string, isRight: () => boolean): Promise<"right" | "wrong" | "refused"> {
    const held = this.held.get(address) ?? 0;
    if (held >= HELD) return "refused";
    if (isRight()) {
      this.failures.delete(address);
      return "right";
    }
    const failed = this.failures.get(address) ?? 0;
    this.failures.delete(address);
    this.failures.set(address, failed + 1);
    for (const oldest of this.failures.keys()) {
      if (this.failures.size <= REMEMBERED) break;
      this.failures.delete(oldest);
    }
    this.held.set(address, held + 1);
    await this.wait(Math.min(LONGEST_MS, FIRST_MS * 2 ** failed));
    const left = (this.held.get(address) ?? 1) - 1;
    if (left === 0) this.held.delete(address);
    else this.held.set(address, left);
    return "wrong";
  }
}
