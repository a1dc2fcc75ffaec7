import { mkdirSync } from "node:fs";
import { run } from "../run.ts";

/**
 * Copies a profile's dependencies into a folder. Maven checks each download against its repository's checksum, and
 * fails on a mismatch (-C).
 */
export async function copyDependencies(pom: string, profile: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const argv = ["mvn", "-B", "-q", "-C", "-f", pom, `-P${profile}`, "dependency:copy-dependencies"];
  await run(
    [...argv, `-DoutputDirectory=${folder}`],
    "Maven could not fetch the servers; is its repository reachable?",
  );
}
