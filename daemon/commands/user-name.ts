import { userInfo } from "node:os";

/** The name of the user who runs this; `unknown` where the system has none for it, as in many containers. */
export function userName(): string {
  try {
    return userInfo().username || "unknown";
  } catch {
    return "unknown";
  }
}
