import type { Letter } from "./letter.ts";
import { serveSmtp } from "./smtp.ts";
import { serveLetters } from "./web.ts";

const LIMIT = 200;

export type Mailbox = AsyncDisposable & {
  /** Where mail is taken: SMTP on 127.0.0.1, without TLS and login. */
  readonly smtpPort: number;
  /** Where it can be read; as JSON under /api/messages. */
  readonly url: string;
  /** What is kept, oldest first. */
  letters(): readonly Letter[];
};

/** A mailbox on loopback that keeps the last messages (200 by default) in memory, until it is disposed. */
export async function openMailbox(limit = LIMIT): Promise<Mailbox> {
  let letters: readonly Letter[] = [];
  const smtp = await serveSmtp((letter) => {
    letters = [...letters, letter].slice(-limit);
  });
  const web = serveLetters(() => letters, limit);
  return {
    smtpPort: smtp.port,
    url: web.url,
    letters: () => letters,
    async [Symbol.asyncDispose]() {
      await Promise.all([smtp.close(), web.close()]);
    },
  };
}
