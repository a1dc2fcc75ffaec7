import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Look } from "../alerts/incidents/advance.ts";
import type { Finding } from "../finding.ts";

/** A look at one stage. */
export type Probe = {
  readonly name: string;
  /** Kinds of fault that it can see. */
  readonly kinds: readonly string[];
  /** @throws where it cannot look: then nothing is said about its kinds */
  look(): Promise<readonly Finding[]>;
};

/** Above the time that any server is given to answer. */
const DEADLINE_MS = 12_000;

/** Looks with every probe at once; one that fails or is late says nothing, and keeps no other from saying something. */
export async function lookWith(probes: readonly Probe[], log: Log): Promise<Look> {
  const covers = new Set<string>();
  const findings: Finding[] = [];
  await Promise.all(
    probes.map(async ({ name, kinds, look }) => {
      try {
        findings.push(...(await inTime(look())));
        for (const kind of kinds) covers.add(kind);
      } catch (error) {
        log.debug("a stage could not be looked at", { stage: name, error: messageOf(error) });
      }
    }),
  );
  return { covers, findings };
}

/** Two looks as one. */
export function joinLooks(one: Look, other: Look): Look {
  return { covers: new Set([...one.covers, ...other.covers]), findings: [...one.findings, ...other.findings] };
}

async function inTime<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${DEADLINE_MS / 1000} s`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
