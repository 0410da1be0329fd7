import { createStateLog } from "../checkpoint/begin-attempt.ts";
import { verifyLog } from "../checkpoint/compaction.ts";
import { resultTable, stateTable } from "../checkpoint/names.ts";
import { columnDefinitions, recordBase } from "../checkpoint/rewrite.ts";
import type { StoreTransaction } from "../contract/store.ts";
import { asideName, copyResultAside, resultAside, setStateAside } from "./aside.ts";
import type { ResultMatch } from "./match-results.ts";
import type { TableMatch } from "./match-state.ts";
import { originSql } from "./origin-sql.ts";
import { type StoredTable, validRows } from "./stored-state.ts";

/**
 * Gives a state table the columns that the new query needs, with its valid rows as of a checkpoint; the old one is set aside.
 * What it holds is verified first: damage must not be given a new, fitting record.
 */
export async function migrateState(transaction: StoreTransaction, job: string, match: TableMatch, checkpoint: number): Promise<void> {
  const { log, stored, columns } = match;
  if (match.unchanged) {
    const conditions = [log.conditions, job, stored.table];
    await transaction.run("UPDATE millrace.state_tables SET conditions = ? WHERE job = ? AND table_name = ?", conditions);
    return;
  }
  await verifyLog(transaction, job, { table: stored.table, hashed: hashedColumns(stored) }, checkpoint);
  await setStateAside(transaction, job, stored.table);
  await createStateLog(transaction, job, log);
  const list = ["key_group", ...columns.origins.map(originSql), "deleted", `${checkpoint}::BIGINT`].join(", ");
  const old: StoredTable = { ...stored, table: asideName(stored.table) };
  await transaction.run(`INSERT INTO ${stateTable(log.table)} SELECT ${list} FROM (${validRows(old, checkpoint)})`);
  await recordBase(transaction, job, log, checkpoint);
}

/** All columns but the checkpoint, as content hashes cover them. */
const hashedColumns = (stored: StoredTable): StoredTable["schema"] => ({
  columns: stored.schema.columns.filter(({ name }) => name !== "checkpoint"),
});

/** A result table with the columns of the new query: its rows stay, in their order. */
export async function migrateResult(transaction: StoreTransaction, { after, columns }: ResultMatch): Promise<void> {
  const name = resultTable(after.name);
  await copyResultAside(transaction, after.name);
  await transaction.run(`CREATE OR REPLACE TABLE ${name} (${columnDefinitions(after)})`);
  const list = columns.origins.map(originSql).join(", ");
  await transaction.run(`INSERT INTO ${name} SELECT ${list} FROM ${stateTable(resultAside(after.name))} ORDER BY rowid`);
}
