import type { Config, SettingName } from "../../src/config.ts";
import type { Mailbox } from "../mailbox/mailbox.ts";

const mailSettings: readonly SettingName[] = [
  "alertEmailTo",
  "smtpHost",
  "smtpPort",
  "smtpTls",
  "smtpUser",
  "smtpPassword",
];

/** Whether a person has set where alerts are mailed: the demo then leaves that alone. Pure. */
export function hasOwnMail({ explicit }: Pick<Config, "explicit">): boolean {
  return mailSettings.some((name) => explicit.has(name));
}

/** The configuration with alerts mailed to a mailbox. Pure. */
export function mailingTo(config: Config, { smtpPort }: Pick<Mailbox, "smtpPort">): Config {
  return {
    ...config,
    ...{ alertEmailTo: "you@tidemark.example", smtpHost: "127.0.0.1", smtpPort, smtpTls: "off" },
    ...{ smtpUser: "", smtpPassword: "" },
  };
}
