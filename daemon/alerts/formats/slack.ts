import { composeMessage, type Field, MUTED, type Section } from "../message.ts";
import type { Notification } from "../notification.ts";

/** Slack refuses a section of more ("Section block"). */
const MAX_SECTION = 3_000;
/** Slack refuses a message of more ("Blocks"). */
const MAX_BLOCKS = 50;
/** All blocks together: Slack answers msg_blocks_too_long somewhat above 13,000, which it documents nowhere. */
const MAX_TEXT = 12_000;
/** Kept free for the title, the count of what is left out and the link. */
const RESERVED = 3_600;

/**
 * The body of a Slack incoming webhook, as JSON text: `text` for notifications, `blocks` for the message. What goes beyond
 * Slack's limits is left out and counted. Pure.
 */
export function slackBody(notification: Notification): string {
  const { title, sections, omitted, statusUrl } = composeMessage(notification);
  const shown: string[] = [];
  let length = RESERVED;
  for (const section of sections) {
    const text = sectionText(section);
    if (shown.length + 3 >= MAX_BLOCKS || length + text.length > MAX_TEXT) break;
    shown.push(text);
    length += text.length;
  }
  const left = omitted + sections.length - shown.length;
  const texts = [
    `*${escaped(title, 1_000)}*`,
    ...shown.filter((text) => text !== ""),
    ...(left > 0 ? [`and ${left} more incidents`] : []),
    ...(statusUrl === null ? [] : [`<${linkAddress(statusUrl)}|Status page>`]),
  ];
  return JSON.stringify({ text: escaped(title, 1_000), blocks: texts.map(block) });
}

/** `verbatim` keeps Slack from making names and channels of the text into mentions. */
function block(text: string) {
  return { type: "section", text: { type: "mrkdwn", text, verbatim: true } };
}

function sectionText({ heading, fields, consequences }: Section): string {
  const lines = [
    ...(heading === null ? [] : [`*${escaped(heading, 1_000)}*`]),
    ...fields.toSorted((one, other) => Number(other.literal) - Number(one.literal)).map(fieldText),
    ...(consequences.length === 0 ? [] : [MUTED, ...consequences.map((summary) => `• ${escaped(summary, 400)}`)]),
  ];
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    // Room for the count that stands for the rest.
    if (length + line.length > MAX_SECTION - 50) break;
    kept.push(line);
    length += line.length + 1;
  }
  return [...kept, ...(kept.length < lines.length ? [`and ${lines.length - kept.length} more lines`] : [])].join("\n");
}

function fieldText({ name, value, literal }: Field): string {
  const text = escaped(value, 1_200);
  if (literal && !text.includes("```")) return `*${escaped(name, 100)}:*\n\`\`\`${text}\`\`\``;
  return `*${escaped(name, 100)}:* ${text}`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Text with the three characters that Slack gives a meaning escaped, at most `limit` UTF-16 units with its entities. */
function escaped(text: string, limit: number): string {
  let out = "";
  for (const character of text) {
    const next = entities[character] ?? character;
    if (out.length + next.length >= limit) return `${out}…`;
    out += next;
  }
  return out;
}

/** An address within `<address|text>`: its own end signs encoded. */
function linkAddress(address: string): string {
  return address.replace(/[<>|]/g, encodeURIComponent).replaceAll("&", "&amp;");
}
