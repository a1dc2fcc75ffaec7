/**
 * A container's health check: `bun infra/health.ts PORT...` ends with 0 when a program at one of these ports of this
 * container says that it is ready, else with 1 and what was heard.
 */
async function heard(port: string): Promise<string> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(3_000) });
    return answer.ok ? "" : `port ${port}: ${answer.status} ${(await answer.text()).slice(0, 500)}`;
  } catch (error) {
    return `port ${port}: ${(error as Error).message}`;
  }
}

const complaints = await Promise.all(process.argv.slice(2).map(heard));
const ready = complaints.includes("");
if (!ready) console.error(complaints.join("\n") || "expected a port");
process.exit(ready ? 0 : 1);
