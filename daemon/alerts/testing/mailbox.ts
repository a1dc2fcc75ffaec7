import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export type Mail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly raw: string;
  /** Unfolded, as they came, by name in lower case; a name that came twice has both. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Decoded, by type: `text/plain`, `text/html`. */
  readonly parts: ReadonlyMap<string, string>;
};

/** A real SMTP server on loopback that keeps what it is sent; at a free port, unless one is named. */
export async function openMailbox(options: SMTPServerOptions = {}, at = 0) {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    // Or it warns, where a test brings no certificate of its own.
    logger: false,
    closeTimeout: 100,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? "" : mailFrom.address;
        const to = rcptTo.map(({ address }) => address);
        mails.push({ from, to, secure: session.secure, ...parse(Buffer.concat(chunks).toString("utf8")) });
        done();
      });
    },
    ...options,
  });
  // A client that turns away while TLS is set up is what some tests are about.
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, mails, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

function parse(raw: string): Pick<Mail, "raw" | "headers" | "parts"> {
  const { headers, body } = split(raw);
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get("content-type")?.[0] ?? "")?.[1];
  const parts = boundary === undefined ? [raw] : body.split(`--${boundary}`).slice(1, -1);
  return {
    raw,
    headers,
    parts: new Map(
      parts.map((part) => {
        const own = split(part.replace(/^\r\n/, ""));
        const type = own.headers.get("content-type")?.[0]?.split(";")[0] ?? "";
        return [type, decoded(own.body, own.headers.get("content-transfer-encoding")?.[0] ?? "7bit")];
      }),
    ),
  };
}

function split(text: string) {
  const end = text.indexOf("\r\n\r\n");
  const headers = new Map<string, string[]>();
  for (const line of text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n")) {
    const name = line.slice(0, line.indexOf(":")).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(name.length + 1).trim()]);
  }
  return { headers, body: text.slice(end + 4) };
}

function decoded(body: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return body;
  const bytes = body
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
