import { settings } from "./config.ts";
import type { Setting } from "./settings.ts";

/** The text of `.env.example`, from the declared settings. `bun src/environment-example.ts` prints it. */
export function environmentExample(): string {
  const head = "# Copy to .env and change what differs. Flags and the environment win over this file.\n";
  const entries = Object.values(settings).map((setting: Setting) => {
    const secret = setting.secret ? ` (or ${setting.env}_FILE: a file that holds it)` : "";
    return `\n# ${setting.help}${secret}; ${setting.kind}\n#${setting.env}=${setting.default}\n`;
  });
  return head + entries.join("");
}

if (import.meta.main) process.stdout.write(environmentExample());
