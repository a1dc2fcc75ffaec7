import { type Field, type Message, MUTED, type Section } from "../message.ts";

const BODY = "font:14px/1.5 sans-serif;color:#1b1f24;max-width:44em";
const NAME = "padding:1px 12px 1px 0;color:#57606a;vertical-align:top;white-space:nowrap";
const LITERAL = "margin:0;padding:6px 8px;background:#f3f4f6;white-space:pre-wrap";

/** A message as HTML for mail programs: everything that comes from data escaped, styles inline, nothing loaded. Pure. */
export function htmlOf(message: Message): string {
  const { omitted, sections, statusUrl, title } = message;
  return [
    `<!doctype html><html><body style="${BODY}">`,
    `<h2 style="font-size:16px">${escapeHtml(title)}</h2>`,
    ...sections.map(sectionHtml),
    ...(omitted > 0 ? [`<p>and ${omitted} more incidents</p>`] : []),
    ...(statusUrl === null ? [] : [`<p><a href="${escapeHtml(statusUrl)}">Status page</a></p>`]),
    "</body></html>\n",
  ].join("\n");
}

function sectionHtml({ consequences, fields, heading }: Section): string {
  return [
    ...(heading === null ? [] : [`<h3 style="font-size:14px">${escapeHtml(heading)}</h3>`]),
    `<table style="border-collapse:collapse">${fields.map(rowHtml).join("")}</table>`,
    ...(consequences.length === 0
      ? []
      : [`<p>${MUTED}</p>`, `<ul>${consequences.map((summary) => `<li>${escapeHtml(summary)}</li>`).join("")}</ul>`]),
  ].join("\n");
}

function rowHtml({ literal, name, value }: Field): string {
  const shown = literal ? `<pre style="${LITERAL}">${escapeHtml(value)}</pre>` : escapeHtml(value);
  return `<tr><td style="${NAME}">${escapeHtml(name)}</td><td>${shown}</td></tr>\n`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that HTML shows as it is, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
