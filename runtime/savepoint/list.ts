import { readRows } from "../checkpoint/job-records.ts";
import type { SavepointSize } from "../contract/control.ts";
import type { Store } from "../contract/store.ts";

/** A row of millrace.savepoints: where a savepoint lies, and what is in it. */
export interface SavepointEntry extends SavepointSize {
  readonly name: string;
  readonly job: string;
  readonly path: string;
  readonly created_ms: number;
}

export async function listSavepoints(store: Store): Promise<readonly SavepointEntry[]> {
  const rows = await readRows(
    store,
    "SELECT name, job, path, epoch_us(created), checkpoint, state_rows, result_rows FROM millrace.savepoints ORDER BY created, name",
    [],
  );
  return rows.map(([name, job, path, created_us, checkpoint, stateRows, resultRows]) => ({
    name: name as string,
    job: job as string,
    path: path as string,
    created_ms: Number(created_us) / 1_000,
    checkpoint: Number(checkpoint),
    stateRows: Number(stateRows),
    resultRows: Number(resultRows),
  }));
}

export function addSavepoint(store: Store, entry: SavepointEntry): Promise<void> {
  return store.transact((transaction) =>
    transaction.run("INSERT INTO millrace.savepoints VALUES (?, ?, ?, make_timestamptz(?::BIGINT), ?, ?, ?)", [
      entry.name,
      entry.job,
      entry.path,
      BigInt(Math.round(entry.created_ms)) * 1_000n,
      entry.checkpoint,
      entry.stateRows,
      entry.resultRows,
    ]),
  );
}

export function forgetSavepoint(store: Store, name: string): Promise<void> {
  return store.transact((transaction) => transaction.run("DELETE FROM millrace.savepoints WHERE name = ?", [name]));
}
