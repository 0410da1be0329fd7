import { resultTable, stateTable } from "../checkpoint/names.ts";
import { quoteName } from "../contract/quote.ts";
import type { StoreTransaction } from "../contract/store.ts";

/*
 * What an alteration changes is kept until the altered job has taken a checkpoint: state tables under another name and with
 * records under another job, result tables as copies.
 */

const mark = " (before alter)";
export const asideName = (name: string): string => `${name}${mark}`;
export const resultAside = (name: string): string => asideName(`results/${name}`);

/** Takes a state table out of the job's, with its records. */
export async function setStateAside(transaction: StoreTransaction, job: string, table: string): Promise<void> {
  await transaction.run(`ALTER TABLE ${stateTable(table)} RENAME TO ${quoteName(asideName(table))}`);
  await moveRecords(transaction, [job, table], [asideName(job), asideName(table)]);
}

/** Puts the state tables that were set aside in the place of what has been made since. */
export async function putStateBack(transaction: StoreTransaction, job: string): Promise<void> {
  for (const aside of await tablesAside(transaction, job)) {
    const table = aside.slice(0, -mark.length);
    await transaction.run(`DROP TABLE IF EXISTS ${stateTable(table)}`);
    await forgetRecords(transaction, job, table);
    await transaction.run(`ALTER TABLE ${stateTable(aside)} RENAME TO ${quoteName(table)}`);
    await moveRecords(transaction, [asideName(job), aside], [job, table]);
  }
}

/** Drops a state table of the job and its records. */
export async function dropState(transaction: StoreTransaction, job: string, table: string): Promise<void> {
  await transaction.run(`DROP TABLE IF EXISTS ${stateTable(table)}`);
  await forgetRecords(transaction, job, table);
}

export async function dropStateAside(transaction: StoreTransaction, job: string): Promise<void> {
  for (const table of await tablesAside(transaction, job)) await dropState(transaction, asideName(job), table);
}

/** A copy, as the table is, in the order of its rows. */
export const copyResultAside = (transaction: StoreTransaction, name: string): Promise<void> =>
  transaction.run(`CREATE OR REPLACE TABLE ${stateTable(resultAside(name))} AS SELECT * FROM ${resultTable(name)} ORDER BY rowid`);

/** Nothing for a table that was not copied. */
export async function putResultBack(transaction: StoreTransaction, name: string): Promise<void> {
  const sql = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'millrace_state' AND table_name = ?";
  const [[count = 0n] = []] = await (await transaction.query(sql, [resultAside(name)])).rows();
  if (count === 0n) return;
  await transaction.run(`CREATE OR REPLACE TABLE ${resultTable(name)} AS SELECT * FROM ${stateTable(resultAside(name))} ORDER BY rowid`);
}

export const dropResultAside = (transaction: StoreTransaction, name: string): Promise<void> =>
  transaction.run(`DROP TABLE IF EXISTS ${stateTable(resultAside(name))}`);

/** What an alteration left that the server did not live to end: the change was committed, so the copies go. */
export async function dropAllAside(transaction: StoreTransaction): Promise<void> {
  const sql = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'millrace_state' AND suffix(table_name, ?)";
  for (const [table] of await (await transaction.query(sql, [mark])).rows()) {
    await transaction.run(`DROP TABLE IF EXISTS ${stateTable(table as string)}`);
  }
  for (const records of recordTables) await transaction.run(`DELETE FROM millrace.${records} WHERE suffix(job, ?)`, [mark]);
}

const recordTables = ["state_tables", "checkpoint_deltas"] as const;

async function tablesAside(transaction: StoreTransaction, job: string): Promise<readonly string[]> {
  const rows = await (await transaction.query("SELECT table_name FROM millrace.state_tables WHERE job = ?", [asideName(job)])).rows();
  return rows.map(([table]) => table as string);
}

type Place = readonly [job: string, table: string];

async function moveRecords(transaction: StoreTransaction, from: Place, to: Place): Promise<void> {
  for (const records of recordTables)
    await transaction.run(`UPDATE millrace.${records} SET job = ?, table_name = ? WHERE job = ? AND table_name = ?`, [...to, ...from]);
}

async function forgetRecords(transaction: StoreTransaction, job: string, table: string): Promise<void> {
  for (const records of recordTables)
    await transaction.run(`DELETE FROM millrace.${records} WHERE job = ? AND table_name = ?`, [job, table]);
}
