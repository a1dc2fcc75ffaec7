import { escapeHtml } from "../../daemon/alerts/email/html.ts";
import type { Letter } from "./letter.ts";

const STYLE = `body{font:15px/1.5 sans-serif;color:#1b1f24;max-width:60em;margin:2em auto;padding:0 1em}
table{border-collapse:collapse;width:100%}
td,th{padding:4px 12px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid #d8dee4}
th{color:#57606a;font-weight:normal}
pre{white-space:pre-wrap;background:#f3f4f6;padding:8px}
iframe{width:100%;height:30em;border:1px solid #d8dee4}`;

/** The messages, latest first. Pure. */
export function listPage(letters: readonly Letter[], limit: number): string {
  const rows = letters
    .toReversed()
    .map(
      ({ id, receivedAt, from, to, subject }) =>
        `<tr><td>${escapeHtml(receivedAt)}</td><td>${escapeHtml(from)}</td><td>${escapeHtml(to)}</td>` +
        `<td><a href="/messages/${id}">${escapeHtml(subject || "(no subject)")}</a></td></tr>`,
    );
  const heads = ["Received", "From", "To", "Subject"].map((name) => `<th scope="col">${name}</th>`).join("");
  const table = `<table><thead><tr>${heads}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table>`;
  return page(
    "Mailbox",
    [
      "<h1>Mailbox</h1>",
      `<p>What the demo's watchdog mails; the last ${limit} messages are kept. This page renews itself.</p>`,
      rows.length === 0 ? "<p>No message has come yet.</p>" : table,
    ],
    '<meta http-equiv="refresh" content="5">',
  );
}

/** One message: its headers, its text, and its HTML in a frame that may do nothing. Pure. */
export function letterPage(letter: Letter): string {
  const { id, text, html, attachments } = letter;
  const fields = [
    ["From", letter.from],
    ["To", letter.to],
    ["Envelope", `${letter.sender} to ${letter.recipients.join(", ")}`],
    ["Received", letter.receivedAt],
    ["Message-ID", letter.messageId],
    ["In-Reply-To", letter.inReplyTo],
    ...(attachments === 0 ? [] : [["Attachments", `${attachments}, not kept`]]),
  ].map(([name = "", value = ""]) => `<tr><th scope="row">${name}</th><td>${escapeHtml(value)}</td></tr>`);
  const subject = letter.subject || "(no subject)";
  return page(subject, [
    '<p><a href="/">All messages</a></p>',
    `<h1>${escapeHtml(subject)}</h1>`,
    `<table><tbody>${fields.join("\n")}</tbody></table>`,
    ...(text === "" ? [] : ["<h2>Text</h2>", `<pre>${escapeHtml(text)}</pre>`]),
    ...(html === ""
      ? []
      : ["<h2>HTML</h2>", `<iframe sandbox="" title="The message as HTML" src="/messages/${id}/html"></iframe>`]),
  ]);
}

function page(title: string, body: readonly string[], head = ""): string {
  return [
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    head,
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>`,
    ...body,
    "</body></html>\n",
  ].join("\n");
}

/** The hash by which a content security policy allows the pages' style, and no other. */
export function styleHash(): string {
  return `'sha256-${new Bun.CryptoHasher("sha256").update(STYLE).digest("base64")}'`;
}
