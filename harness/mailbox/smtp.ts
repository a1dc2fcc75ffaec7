import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import { type Letter, readLetter } from "./letter.ts";

const MAX_BYTES = 1_048_576;

/** An answer of SMTP that a sender takes for final (RFC 5321, 4.2.1). */
class Refusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * A real SMTP server on loopback, without TLS and login, that hands over each message before it says that it took it.
 * A message of more than 1 MiB is refused (552), and one that cannot be read (554).
 */
export async function serveSmtp(take: (letter: Letter) => void, port = 0) {
  let lastId = 0;
  const receive = async (stream: SMTPServerDataStream, { envelope }: SMTPServerSession) => {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= MAX_BYTES) chunks.push(chunk);
    }
    if (size > MAX_BYTES) throw new Refusal(552, `expected ${MAX_BYTES} bytes at most, came ${size}`);
    const sender = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
    const recipients = envelope.rcptTo.map(({ address }) => address);
    const letter = await readLetter(Buffer.concat(chunks), ++lastId, { sender, recipients }, Date.now()).catch(() => {
      throw new Refusal(554, "the message cannot be read");
    });
    take(letter);
  };
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    size: MAX_BYTES,
    maxClients: 20,
    closeTimeout: 500,
    onData: (stream, session, done) => void receive(stream, session).then(() => done(), done),
  });
  // A client that turns away in the middle is no fault of the mailbox.
  server.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
