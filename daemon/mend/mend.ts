import { parseLsn } from "../../src/lsn.ts";
import { connectPostgres } from "../../src/postgres.ts";
import {
  connectRequest,
  patchOffset,
  readOffsets,
  registerStopped,
  resumeConnector,
  stopConnector,
  waitForConnector,
} from "../../src/setup/connector.ts";
import type { Context } from "../context.ts";
import type { Step } from "./plan.ts";

const START_MS = 20_000;

/** Does one step of a plan. Each may be killed at any moment and done again. */
export async function mend(context: Context, step: Step): Promise<void> {
  const { config, tables, log, sql, signal } = context;
  switch (step.kind) {
    case "publish":
      await sql`SELECT watchdog.add_to_publication(${step.table})`;
      log.warn("added the table to the publication again", { table: step.table });
      return;
    case "restart":
      await connectRequest(
        config,
        "POST",
        `/connectors/${encodeURIComponent(config.connectorName)}/restart?includeTasks=true&onlyFailed=true`,
      );
      log.warn("restarted the connector", { connector: config.connectorName });
      return;
    case "register":
      await registerStopped(config, tables);
      // Without a position of its own it would begin with a snapshot of everything.
      if ((await readOffsets(config)).length === 0) await patchOffset(config, await slotPosition(context));
      await resumeConnector(config);
      await waitForConnector(config, START_MS, signal);
      log.warn("registered the connector again", { connector: config.connectorName });
      return;
    case "reset-slot":
      await resetSlot(context);
  }
}

/**
 * Makes the slot anew and has Debezium stream on from there, without a snapshot: stops the connector, makes the slot,
 * writes the slot's position as the connector's offset, and resumes. Tried with Debezium 3.7: streams within 2 s, and
 * re-emits nothing. The mark in `watchdog.mending` tells a later run to finish what was begun.
 */
async function resetSlot(context: Context): Promise<void> {
  const { config, tables, sql, log, signal } = context;
  await sql`INSERT INTO watchdog.mending (what) VALUES ('slot') ON CONFLICT DO NOTHING`;
  await registerStopped(config, tables);
  await stopConnector(config);
  await makeSlot(context);
  await patchOffset(config, await slotPosition(context));
  await resumeConnector(config);
  await waitForConnector(config, START_MS, signal);
  await sql`DELETE FROM watchdog.mending WHERE what = 'slot'`;
  log.warn("made the replication slot anew; what fell into the gap is found by comparison", { slot: config.slotName });
}

/** Only a role with REPLICATION may make a slot: Debezium's own. */
async function makeSlot({ config }: Context): Promise<void> {
  const sql = connectPostgres(config, "replication", { connections: 1, program: "tidemark-watchdog" });
  try {
    const [slot] = await sql<{ lost: boolean }[]>`
      SELECT coalesce(wal_status, 'lost') = 'lost' AS lost FROM pg_replication_slots WHERE slot_name = ${config.slotName}`;
    if (slot?.lost) await sql`SELECT pg_drop_replication_slot(${config.slotName})`;
    if (slot === undefined || slot.lost) {
      await sql`SELECT pg_create_logical_replication_slot(${config.slotName}, 'pgoutput')`;
    }
  } finally {
    await sql.end({ timeout: 2 });
  }
}

async function slotPosition({ sql, config }: Context): Promise<number> {
  const [slot] = await sql<{ lsn: string }[]>`
    SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = ${config.slotName}`;
  return parseLsn(slot?.lsn ?? "");
}
