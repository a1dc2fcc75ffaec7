import { Attempts } from "./access/attempts.ts";
import { type Sessions, sameSecret } from "./access/session.ts";
import { Content, send } from "./answer/content.ts";
import { Failure } from "./answer/failure.ts";
import { readFields } from "./body/fields.ts";
import type { Route } from "./route.ts";

/** Signing in and out: a token is traded for a cookie that scripts cannot read. */
export function sessionRoutes(sessions: Sessions, credentials: Credentials): readonly Route[] {
  const state = (request: Request, signedIn: boolean, cookie?: string) =>
    send(request, Content.json({ signedIn }), 200, {
      "cache-control": "no-store",
      ...(cookie === undefined ? {} : { "set-cookie": cookie }),
    });
  return [
    {
      method: "GET",
      path: "/api/session",
      access: "anybody",
      handle: async ({ request, address }) => state(request, await credentials.areRight(request, address)),
    },
    {
      method: "POST",
      path: "/api/session",
      access: "anybody",
      handle: async ({ request, address }) => {
        const fields = await readFields(request);
        const token = fields.text("token", 1_000);
        fields.end();
        await credentials.expectToken(token, address);
        return state(request, true, sessions.begin());
      },
    },
    {
      method: "DELETE",
      path: "/api/session",
      access: "anybody",
      handle: ({ request }) => state(request, false, sessions.end()),
    },
  ];
}

/** Judges what a request shows of who sent it. */
export class Credentials {
  private readonly attempts = new Attempts();

  constructor(
    private readonly token: string,
    private readonly sessions: Sessions,
  ) {}

  /** Whether a request has signed in, by cookie or by `Authorization: Bearer`. @throws Failure for a wrong token */
  async areRight(request: Request, address: string): Promise<boolean> {
    const [, bearer] = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (bearer === undefined) return this.sessions.holds(request.headers.get("cookie"));
    await this.expectToken(bearer, address);
    return true;
  }

  /** @throws Failure 401 after a while, or 429 where too many wrong ones came from this address */
  async expectToken(token: string, address: string): Promise<void> {
    const verdict = await this.attempts.judge(address, () => sameSecret(token, this.token));
    if (verdict === "refused") throw new Failure(429, "too many wrong tokens", "a pause", { "retry-after": "10" });
    if (verdict === "wrong") throw new Failure(401, "the token is wrong", "the one of WATCHDOG_TOKEN");
  }
}
