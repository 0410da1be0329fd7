import type { Batch } from "../contract/batch.ts";
import { batchOf } from "../contract/rows.ts";
import type { TaskSnapshot } from "../contract/rpc.ts";
import type { StoreTransaction } from "../contract/store.ts";
import { ContentHasher } from "./content-hash.ts";
import type { DeltaRecord } from "./deltas.ts";
import { type InFlightLog, inFlightRows, progressRows, progressSchema, progressTable } from "./in-flight-log.ts";
import type { JobLayout } from "./layout.ts";
import { stateTable } from "./names.ts";
import { columnDefinitions } from "./rewrite.ts";

/** What millrace.state_tables says of the tables of rows in flight: they are no state of an operator. */
export const inFlightKind = "in_flight";

/** Stores what barriers overtook, in the transaction of their checkpoint; a record for each table that got rows. */
export async function storeInFlight(
  transaction: StoreTransaction,
  layout: JobLayout,
  checkpoint: number,
  snapshots: readonly TaskSnapshot[],
): Promise<readonly DeltaRecord[]> {
  const known = await knownVersions(transaction, layout.job);
  const deltas = [await storeProgress(transaction, layout, checkpoint, snapshots, known)];
  for (const log of layout.inFlight) {
    const channels = snapshots.flatMap(({ inFlight }) => inFlight.filter(({ edge }) => edge === log.edge.id));
    if (channels.length === 0) continue;
    await ensureTable(transaction, layout.job, log, known);
    const hasher = new ContentHasher(log.hashed);
    await transaction.append("millrace_state", log.table, log.schema, rowsOf(log, channels, checkpoint, layout.maxParallelism, hasher));
    deltas.push({ kind: inFlightKind, checkpoint, table: log.table, content: hasher.value() });
  }
  return deltas;
}

function* rowsOf(
  log: InFlightLog,
  channels: readonly TaskSnapshot["inFlight"][number][],
  checkpoint: number,
  maxParallelism: number,
  hasher: ContentHasher,
): Generator<Batch> {
  for (const channel of channels) {
    let position = 0;
    for (const rows of channel.rows) {
      const batch = inFlightRows(log, channel, rows, { checkpoint, maxParallelism, position });
      position += batch.rows;
      hasher.add(batch);
      yield batch;
    }
  }
}

async function storeProgress(
  transaction: StoreTransaction,
  layout: JobLayout,
  checkpoint: number,
  snapshots: readonly TaskSnapshot[],
  known: ReadonlyMap<string, number>,
): Promise<DeltaRecord> {
  const table = progressTable(layout.job);
  await ensureTable(transaction, layout.job, { name: "progress", table, schema: progressSchema, version: 1 }, known);
  const progress = snapshots.flatMap((snapshot) => snapshot.progress);
  const batch = batchOf(progressSchema, progressRows(layout.inFlight, progress, checkpoint));
  const hasher = new ContentHasher(progressSchema);
  hasher.add(batch);
  await transaction.append("millrace_state", table, progressSchema, [batch]);
  return { kind: inFlightKind, checkpoint, table, content: hasher.value() };
}

async function knownVersions(transaction: StoreTransaction, job: string): Promise<ReadonlyMap<string, number>> {
  const sql = "SELECT table_name, version FROM millrace.state_tables WHERE job = ? AND redistribution = ?";
  const rows = await (await transaction.query(sql, [job, inFlightKind])).rows();
  return new Map(rows.map(([table, version]) => [table as string, Number(version)]));
}

/** A table of another version has rows of checkpoints of a plan that is no more. */
async function ensureTable(
  transaction: StoreTransaction,
  job: string,
  { name, table, schema, version }: Pick<InFlightLog, "name" | "table" | "schema" | "version">,
  known: ReadonlyMap<string, number>,
): Promise<void> {
  if (known.get(table) === version) return;
  await transaction.run(`CREATE OR REPLACE TABLE ${stateTable(table)} (${columnDefinitions({ schema })})`);
  await transaction.run("DELETE FROM millrace.state_tables WHERE job = ? AND table_name = ?", [job, table]);
  await transaction.run("DELETE FROM millrace.checkpoint_deltas WHERE job = ? AND table_name = ?", [job, table]);
  await transaction.run(
    "INSERT INTO millrace.state_tables (job, uid, state_table, table_name, version, key_columns, redistribution) VALUES (?, ?, ?, ?, ?, 0, ?)",
    [job, inFlightKind, name, table, version, inFlightKind],
  );
}

/** Rows in flight of checkpoints that nothing is restored from any more. */
export async function forgetInFlight(transaction: StoreTransaction, job: string, oldestRetained: number): Promise<void> {
  for (const table of (await knownVersions(transaction, job)).keys()) {
    await transaction.run(`DELETE FROM ${stateTable(table)} WHERE checkpoint < ?`, [oldestRetained]);
  }
  await transaction.run("DELETE FROM millrace.checkpoint_deltas WHERE job = ? AND kind = ? AND checkpoint < ?", [
    job,
    inFlightKind,
    oldestRetained,
  ]);
}
