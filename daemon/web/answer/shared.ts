import { cached } from "../cached.ts";
import { Content } from "./content.ts";

const KEEP_MS = 500;
/** An answer is kept so many times as long as it took to read. */
const TIMES = 4;
/** Different questions whose answers are kept. */
const KEPT = 64;

/** Answers that many ask for: each is read and written as JSON once, however many pages are open. */
export class SharedAnswers {
  private readonly answers = new Map<string, () => Promise<Content>>();

  /** @param question what makes the answer: the same text, the same answer */
  get(question: string, read: () => Promise<unknown>, keepMs = KEEP_MS): Promise<Content> {
    const known = this.answers.get(question);
    // The newest stands last.
    this.answers.delete(question);
    const ask = known ?? cached(async () => Content.json(await read()), keepMs, undefined, TIMES);
    this.answers.set(question, ask);
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= KEPT) break;
      this.answers.delete(oldest);
    }
    return ask();
  }

  /** After a change nobody is to see what was before. */
  forget(): void {
    this.answers.clear();
  }
}
