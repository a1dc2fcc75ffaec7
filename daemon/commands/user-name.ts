import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

/** The name of the user who runs this; `user 1000` where the system has none for it, as in many containers. */
export function userName(): string {
  const { uid, username } = userInfo();
  // Bun knows the name by the environment alone, and says so where that has none.
  return username === "" || username === "unknown" ? (nameOf(uid) ?? `user ${uid}`) : username;
}

function nameOf(uid: number): string | undefined {
  try {
    const lines = readFileSync("/etc/passwd", "utf8").split("\n");
    return lines.map((line) => line.split(":")).find(([, , id]) => id === String(uid))?.[0];
  } catch {
    return undefined;
  }
}
