/** What a program at a port of this machine says of itself: nothing when it is ready, else why it is not. */
export async function complaintOf(port: string): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(3_000) });
    return answer.ok ? "" : `port ${port}: ${answer.status} ${(await answer.text()).slice(0, 500)}`;
  } catch (error) {
    return `port ${port}: ${(error as Error).message}`;
  }
}

// A container's health check, `bun infra/health.ts PORT...`: 0 when a program at one of the ports is ready.
if (import.meta.main) {
  const complaints = await Promise.all(process.argv.slice(2).map(complaintOf));
  const ready = complaints.includes("");
  if (!ready) console.error(complaints.join("\n") || "expected a port");
  process.exit(ready ? 0 : 1);
}
