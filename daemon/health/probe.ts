import { messageOf } from "../../src/errors.ts";
import type { Log } from "../../src/log.ts";
import type { Look } from "../alerts/incidents/advance.ts";
import type { Finding } from "../finding.ts";
import { inTime } from "../in-time.ts";

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
        findings.push(...(await inTime(DEADLINE_MS, look())));
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
