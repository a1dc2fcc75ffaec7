import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const SECONDS = 7 * 86_400;
const PURPOSE = "tidemark session until ";

/** Whether two secrets are the same, in a time that tells nothing of them. */
export function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/**
 * Sessions that need no store: the cookie holds when it ends, sealed with the token. So they outlive a restart, and end
 * when the token is changed.
 */
export class Sessions {
  /** @param name of the cookie; ports share cookies, so each needs one of its own */
  constructor(
    private readonly token: string,
    private readonly name: string,
    private readonly secure: boolean,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** The `Set-Cookie` of a new session. */
  begin(): string {
    const until = Math.floor(this.nowMs() / 1000) + SECONDS;
    return this.cookie(`${until}.${this.seal(until)}`, SECONDS);
  }

  /** The `Set-Cookie` that ends a browser's session. */
  end(): string {
    return this.cookie("", 0);
  }

  /** Whether a `Cookie` header holds a session that has not ended. */
  holds(cookies: string | null): boolean {
    const pairs = (cookies ?? "").split(";").map((pair) => pair.trim());
    const value = pairs.find((pair) => pair.startsWith(`${this.name}=`))?.slice(this.name.length + 1);
    const [, until, seal] = /^(\d{1,12})\.([\w-]+)$/.exec(value ?? "") ?? [];
    if (until === undefined || seal === undefined) return false;
    return sameSecret(seal, this.seal(Number(until))) && Number(until) * 1000 > this.nowMs();
  }

  private seal(until: number): string {
    return createHmac("sha256", this.token).update(`${PURPOSE}${until}`).digest("base64url");
  }

  private cookie(value: string, seconds: number): string {
    const secure = this.secure ? "; Secure" : "";
    return `${this.name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
  }
}
