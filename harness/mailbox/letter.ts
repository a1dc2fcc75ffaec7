import PostalMime, { type Address } from "postal-mime";

/** A message as the mailbox keeps it: decoded, without attachments. All of it comes from outside. */
export type Letter = {
  readonly id: number;
  readonly receivedAt: string;
  /** Of the envelope: who it was really sent by and to. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly messageId: string;
  readonly inReplyTo: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: number;
};

export type Envelope = Pick<Letter, "sender" | "recipients">;

const MAX_HEADER = 1_000;
const MAX_PART = 300_000;

/** Reads a message. @throws Error where it is no message, or is nested too deeply */
export async function readLetter(raw: Uint8Array, id: number, envelope: Envelope, atMs: number): Promise<Letter> {
  const limits = { maxNestingDepth: 20, maxHeadersSize: 100_000, maxRfc822NestingDepth: 0 };
  const mail = await PostalMime.parse(raw, limits);
  const header = (value: string | undefined) => (value ?? "").slice(0, MAX_HEADER);
  return {
    ...envelope,
    id,
    receivedAt: new Date(atMs).toISOString(),
    from: header(mail.from && addressText(mail.from)),
    to: header(mail.to?.map(addressText).join(", ")),
    subject: header(mail.subject),
    messageId: header(mail.messageId),
    inReplyTo: header(mail.inReplyTo),
    text: (mail.text ?? "").slice(0, MAX_PART),
    html: (mail.html ?? "").slice(0, MAX_PART),
    attachments: mail.attachments.length,
  };
}

function addressText(one: Address): string {
  if (one.address === undefined) return `${one.name}: ${one.group.map(addressText).join(", ")};`;
  return one.name === "" ? one.address : `${one.name} <${one.address}>`;
}
