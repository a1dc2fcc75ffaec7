import type { Notification } from "../notification.ts";
import { alertmanagerBody } from "./alertmanager.ts";
import { slackBody } from "./slack.ts";
import { tidemarkBody } from "./tidemark.ts";

/** The bodies that a webhook can have, by the name under which settings ask for them. */
export const formats = {
  tidemark: tidemarkBody,
  alertmanager: alertmanagerBody,
  slack: slackBody,
} satisfies Record<string, (notification: Notification, receiver: string) => string>;

export type FormatName = keyof typeof formats;
