import type { Look } from "../alerts/incidents/advance.ts";
import type { Context } from "../context.ts";
import {
  type Connector,
  connectorFindings,
  connectorKinds,
  isUnreachable,
  readConnector,
  type Unreachable,
} from "./connector.ts";
import { publicationFindings, publicationKinds, readUnpublished, type Unpublished } from "./publication.ts";
import { jumpFindings, readSlot, type Slot, slotFindings, slotKinds } from "./slot.ts";

/** What there is between PostgreSQL and Kafka, at one moment: by this the watchdog mends. */
export type Observation = {
  readonly slot: Slot | null;
  /** null: it does not exist. */
  readonly connector: Connector | null | Unreachable;
  readonly unpublished: readonly Unpublished[];
  /** A mend of the slot was begun and not finished. */
  readonly mending: boolean;
};

/** Looks at slot, publication and connector. The slot comes first: Connect's offset is then no older than it. */
export async function observe(context: Context): Promise<Observation> {
  const slot = await readSlot(context);
  const unpublished = await readUnpublished(context);
  const marks = await context.sql`SELECT FROM watchdog.mending WHERE what = 'slot'`;
  return { slot, connector: await readConnector(context), unpublished, mending: marks.length > 0 };
}

/** What is wrong between PostgreSQL and Kafka; pure. */
export function lookOf({ slot, connector, unpublished }: Observation, config: Context["config"]): Look {
  const maxRetainedBytes = config.watchdogMaxWalMegabytes * 1_048_576;
  const known = isUnreachable(connector) ? null : connector;
  const covers = ["postgres-unreachable", "connect-unreachable", ...slotKinds, ...publicationKinds];
  return {
    covers: new Set(isUnreachable(connector) ? covers : [...covers, "slot-jumped", ...connectorKinds]),
    findings: [
      ...slotFindings(slot, config.slotName, maxRetainedBytes),
      ...jumpFindings(slot, known, config.slotName),
      ...publicationFindings(unpublished),
      ...connectorFindings(connector, config),
    ],
  };
}
