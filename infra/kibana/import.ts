import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** What Kibana tells about an import; the rest of its answer is not looked at. */
interface ImportAnswer {
  readonly success?: boolean;
  readonly successCount?: number;
  readonly errors?: readonly { type?: string; id?: string; error?: { type?: string } }[];
}

/**
 * Puts saved objects into Kibana, over those of the same ids: safe to repeat.
 * @returns how many were imported
 * @throws Error that names the objects which Kibana refused: it answers 200 even then
 */
export async function importObjects(kibanaUrl: string, file: string): Promise<number> {
  const form = new FormData();
  form.append("file", new File([readFileSync(file)], basename(file), { type: "application/ndjson" }));
  const address = `${kibanaUrl}/api/saved_objects/_import?overwrite=true`;
  const response = await fetch(address, {
    method: "POST",
    headers: { "kbn-xsrf": "true" },
    body: form,
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`POST ${address}: expected status 200, got ${response.status} ${text.slice(0, 500)}`);
  const answer = JSON.parse(text) as ImportAnswer;
  if (answer.success !== true) {
    const refused = (answer.errors ?? []).map(({ type, id, error }) => `${type} ${id} (${error?.type})`);
    throw new Error(`Kibana refused ${refused.join(", ") || `the file: ${text.slice(0, 500)}`}`);
  }
  return answer.successCount ?? 0;
}

if (import.meta.main) {
  const [kibanaUrl, file] = process.argv.slice(2);
  if (kibanaUrl === undefined || file === undefined) {
    console.error("expected: bun infra/kibana/import.ts KIBANA-URL FILE.ndjson");
    process.exit(2);
  }
  try {
    console.error(`${await importObjects(kibanaUrl, file)} saved objects imported into ${kibanaUrl}`);
  } catch (error) {
    console.error(`cannot import ${file}: ${(error as Error).message}`);
    process.exit(1);
  }
}
