/** Asks an address. @throws Error that names it and what came, unless it answers 2xx within two seconds */
export async function expectOk(url: string, headers: Record<string, string> = {}): Promise<void> {
  const timeoutMs = 2_000;
  let response: Response;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new Error(`GET ${url} got no answer (${timeoutMs / 1000} s were allowed)`, { cause });
  }
  const body = await response.text();
  if (!response.ok) throw new Error(`GET ${url}: expected status 2xx, got ${response.status} ${body.slice(0, 200)}`);
}
