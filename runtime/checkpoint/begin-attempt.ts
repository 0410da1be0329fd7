import type { ResultTable } from "../contract/control.ts";
import { TaskFailure } from "../contract/errors.ts";
import { quoteName } from "../contract/quote.ts";
import type { Store, StoreTransaction } from "../contract/store.ts";
import { countResults } from "./commit.ts";
import { assertAttempt, type JobRecord, writeJobRecord } from "./job-records.ts";
import type { JobLayout, ResultLog, StateLog } from "./layout.ts";
import { resultTable, stateTable } from "./names.ts";
import type { Restoration } from "./restore.ts";
import { changeResult, truncateResult } from "./result-changes.ts";
import { columnDefinitions, reshapeLog } from "./rewrite.ts";
import type { Publish, TableLogs } from "../tables/change-logs.ts";

/**
 * Makes a new attempt the job's only writer, before its state is read: what an earlier one has not committed by then, it never
 * will. The attempt is in the store before any task of it is deployed.
 */
export function claimAttempt(store: Store, record: JobRecord): Promise<void> {
  return store.transact(async (transaction) => {
    await assertAttempt(transaction, { ...record, attempt: record.attempt - 1 });
    await writeJobRecord(transaction, record);
  });
}

/**
 * Prepares the store for the attempt in one transaction: takes back checkpoints that did not verify, makes the tables that are
 * missing, makes the job a reader of its input tables, writes the attempt's record. Returns the rows of each result table.
 */
export async function beginAttempt(
  store: Store,
  tables: TableLogs,
  layout: JobLayout,
  restoration: Restoration,
  record: JobRecord,
): Promise<ReadonlyMap<string, number>> {
  const publish: Publish[] = [];
  const inputs = layout.inputs.map(({ table }) => table);
  const rows = await tables.exclusively(inputs, () =>
    store.transact(async (transaction) => {
      const counts = await prepareStore(transaction, tables, layout, restoration, record, publish);
      for (const input of layout.inputs) publish.push(await tables.register(transaction, layout.job, input));
      return counts;
    }),
  );
  for (const known of publish) known();
  return rows;
}

async function prepareStore(
  transaction: StoreTransaction,
  tables: TableLogs,
  layout: JobLayout,
  restoration: Restoration,
  record: JobRecord,
  publish: Publish[],
): Promise<ReadonlyMap<string, number>> {
  await assertAttempt(transaction, record);
  if (restoration.checkpoint !== null) publish.push(...(await takeBack(transaction, tables, layout, restoration, restoration.checkpoint)));
  const existing = new Set(restoration.existing.map((log) => log.table));
  for (const log of layout.states) if (!existing.has(log.table)) await createStateLog(transaction, layout.job, log);
  for (const log of layout.results) await createResult(transaction, log);
  await writeJobRecord(transaction, record);
  return countResults(transaction, layout);
}

async function takeBack(
  transaction: StoreTransaction,
  tables: TableLogs,
  layout: JobLayout,
  restoration: Restoration,
  checkpoint: number,
): Promise<readonly Publish[]> {
  const publish = restoration.skipped.length > 0 ? await takeBackFromReaders(transaction, tables, layout, checkpoint) : [];
  for (const skipped of restoration.skipped) {
    for (const log of layout.results) if (log.log !== null) await changeResult(transaction, log, skipped, "undo");
  }
  if (restoration.skipped.length > 0) {
    for (const { result, log } of layout.results) {
      if (log === null) await truncateResult(transaction, result.name, restoration.resultRows.get(result.name) ?? 0);
      else await transaction.run(`DELETE FROM ${stateTable(log.table)} WHERE checkpoint > ?`, [checkpoint]);
    }
    for (const log of restoration.existing)
      await transaction.run(`DELETE FROM ${stateTable(log.table)} WHERE checkpoint > ?`, [checkpoint]);
    await transaction.run("DELETE FROM millrace.checkpoint_deltas WHERE job = ? AND checkpoint > ?", [layout.job, checkpoint]);
    await transaction.run(
      "UPDATE millrace.checkpoints SET status = 'FAILED', failure = ? WHERE job = ? AND id > ? AND status = 'COMPLETED'",
      [restoration.skippedBecause, layout.job, checkpoint],
    );
  }
  for (const log of restoration.reshape) await reshapeLog(transaction, layout.job, log, checkpoint);
  return publish;
}

/** Jobs that read the results have taken, or will take, what came after the checkpoint: they are given its opposite. */
async function takeBackFromReaders(
  transaction: StoreTransaction,
  tables: TableLogs,
  layout: JobLayout,
  checkpoint: number,
): Promise<readonly Publish[]> {
  const publish: Publish[] = [];
  for (const { result, log } of layout.results) {
    const readers = tables.readersOf(result.name);
    if (readers.length === 0) continue;
    if (log === null) {
      throw new TaskFailure(
        "external",
        "fail",
        `rows of "${result.name}" must be taken back, but ${readers.map((name) => `"${name}"`).join(", ")} has read them and takes no deletes. ` +
          "Drop what reads it and create it again",
      );
    }
    const columns = log.columns.map(quoteName).join(", ");
    const undone = `SELECT -weight AS weight, ${columns} FROM ${stateTable(log.table)} WHERE checkpoint > ${checkpoint}`;
    publish.push(await tables.append(transaction, result.name, undone));
  }
  return publish;
}

export async function createStateLog(transaction: StoreTransaction, job: string, log: StateLog): Promise<void> {
  await transaction.run(`CREATE TABLE ${stateTable(log.table)} (${columnDefinitions(log)})`);
  await transaction.run("INSERT INTO millrace.state_tables VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [
    job,
    log.uid,
    log.spec.name,
    log.table,
    log.spec.version,
    log.spec.keyColumns,
    log.spec.redistribution.kind,
    log.conditions,
  ]);
}

export async function createResult(transaction: StoreTransaction, { result, log }: ResultLog): Promise<void> {
  await createResultTable(transaction, result);
  if (log !== null) await transaction.run(`CREATE TABLE IF NOT EXISTS ${stateTable(log.table)} (${columnDefinitions(log)})`);
}

export const createResultTable = (transaction: StoreTransaction, result: Pick<ResultTable, "name" | "schema">): Promise<void> =>
  transaction.run(`CREATE TABLE IF NOT EXISTS ${resultTable(result.name)} (${columnDefinitions(result)})`);

/** Deletes everything that the store has of a job: state, checkpoints, result tables, its reading of tables, its row. */
export async function dropJob(store: Store, tables: TableLogs, layout: JobLayout): Promise<void> {
  const inputs = layout.inputs.map(({ table }) => table);
  const publish = await tables.exclusively(inputs, () => dropFromStore(store, tables, layout));
  publish();
}

function dropFromStore(store: Store, tables: TableLogs, layout: JobLayout): Promise<Publish> {
  return store.transact(async (transaction) => {
    const publish = await tables.unregister(transaction, layout.job);
    const states = await (await transaction.query("SELECT table_name FROM millrace.state_tables WHERE job = ?", [layout.job])).rows();
    for (const [table] of states) await transaction.run(`DROP TABLE IF EXISTS ${stateTable(table as string)}`);
    for (const { result, log } of layout.results) {
      await transaction.run(`DROP TABLE IF EXISTS ${resultTable(result.name)}`);
      if (log !== null) await transaction.run(`DROP TABLE IF EXISTS ${stateTable(log.table)}`);
    }
    for (const table of ["job_runs", "checkpoints", "checkpoint_deltas", "state_tables"]) {
      await transaction.run(`DELETE FROM millrace.${table} WHERE job = ?`, [layout.job]);
    }
    return publish;
  });
}
