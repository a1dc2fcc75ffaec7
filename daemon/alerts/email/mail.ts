import { createHash } from "node:crypto";
import type { SendMailOptions } from "nodemailer";
import { composeMessage, plainText, threadSubject } from "../message.ts";
import type { Notification } from "../notification.ts";
import { htmlOf } from "./html.ts";

/** Who writes to whom: `name@host`, or `Name <name@host>`. */
export type Correspondents = { readonly from: string; readonly to: readonly string[] };

/**
 * The email of a notification; pure. All mails of a group answer one root, which is never sent itself: it is derived from
 * the group, so that no mail's thread depends on another's delivery. Only what is urgent and lasting is marked important.
 */
export function mailOf(notification: Notification, { from, to }: Correspondents): SendMailOptions {
  const { event, group, id, incidents } = notification;
  const message = composeMessage(notification);
  const domain = domainOf(from);
  const root = `<group-${hash(group)}@${domain}>`;
  const subject = threadSubject(notification);
  const urgent = event !== "resolved" && incidents.some(({ severity }) => severity === "critical");
  return {
    from,
    to: [...to],
    subject: event === "firing" || event === "test" ? subject : `Re: ${subject}`,
    text: plainText(message),
    html: htmlOf(message),
    date: new Date(notification.createdAtMs),
    messageId: `<${/^[\w-]{1,100}$/.test(id) ? id : hash(id)}@${domain}>`,
    inReplyTo: root,
    references: [root],
    // RFC 3834: automatic replies, as those of people on holiday, stay away.
    headers: { "Auto-Submitted": "auto-generated", ...(urgent ? { Importance: "high" } : {}) },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The part of Message-IDs that makes them the sender's own: `tidemark.` and the domain of its address. */
function domainOf(from: string): string {
  const domain = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1];
  return domain === undefined ? "tidemark.invalid" : `tidemark.${domain.toLowerCase()}`;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
