import type { StoreTransaction } from "../contract/store.ts";
import { formatType, type Schema } from "../contract/types.ts";
import { ContentHasher } from "./content-hash.ts";
import { type DeltaRecord, writeDeltas } from "./deltas.ts";
import type { StateLog } from "./layout.ts";
import { stateTable } from "./names.ts";
import { quoteName } from "../contract/quote.ts";

/** The names of the key's columns in the log. */
export const keyNames = (log: StateLog): readonly string[] => log.columns.slice(0, log.spec.keyColumns).map(quoteName);

/** True for the newest row of each key. */
export const newestOfKey = (log: StateLog): string => {
  const keys = keyNames(log);
  return `row_number() OVER (${keys.length === 0 ? "" : `PARTITION BY ${keys.join(", ")} `}ORDER BY checkpoint DESC) = 1`;
};

/** A table's columns with their types, for CREATE TABLE. */
export const columnDefinitions = ({ schema }: { readonly schema: Schema }): string =>
  schema.columns.map(({ name, type }) => `${quoteName(name)} ${formatType(type)}`).join(", ");

/** Rows that one statement sorts to find the newest of each key: what compaction takes of memory does not grow with the log. */
const slice_rows_max = 262_144;

/** Replaces all `rows` rows up to a checkpoint by those that are valid then, and their records by one of kind `base`; how many are left. */
export async function compactLog(
  transaction: StoreTransaction,
  job: string,
  log: StateLog,
  checkpoint: number,
  rows: number,
): Promise<number> {
  const table = stateTable(log.table);
  await gatherValid(transaction, log, checkpoint, rows);
  await transaction.run(`DELETE FROM ${table} WHERE checkpoint <= ?`, [checkpoint]);
  await transaction.run(`INSERT INTO ${table} SELECT * FROM temp.millrace_valid`);
  await transaction.run("DROP TABLE temp.millrace_valid");
  return recordBase(transaction, job, log, checkpoint);
}

/** Gives a log the layout's columns, which are among its own, keeping the valid rows of a checkpoint. */
export async function reshapeLog(transaction: StoreTransaction, job: string, log: StateLog, checkpoint: number): Promise<void> {
  const table = stateTable(log.table);
  const columns = log.schema.columns.map(({ name }) => quoteName(name)).join(", ");
  const [counted] = await (await transaction.query(`SELECT count(*) FROM ${table}`)).rows();
  await gatherValid(transaction, log, checkpoint, Number(counted?.[0] ?? 0));
  await transaction.run(`CREATE OR REPLACE TABLE ${table} (${columnDefinitions(log)})`);
  await transaction.run(`INSERT INTO ${table} SELECT ${columns} FROM temp.millrace_valid`);
  await transaction.run("DROP TABLE temp.millrace_valid");
  await recordBase(transaction, job, log, checkpoint);
}

/** The valid rows of a log in a temporary table, slice by slice of its keys. */
async function gatherValid(transaction: StoreTransaction, log: StateLog, checkpoint: number, rows: number): Promise<void> {
  const keys = keyNames(log);
  const slices = keys.length === 0 ? 1 : Math.max(1, Math.ceil(rows / slice_rows_max));
  for (let slice = 0; slice < slices; slice++) {
    const isInSlice = slices === 1 ? "" : `AND hash(${keys.join(", ")}) % ${slices} = ${slice}`;
    await transaction.run(
      `${slice === 0 ? "CREATE OR REPLACE TEMP TABLE millrace_valid AS" : "INSERT INTO temp.millrace_valid"}
       SELECT * REPLACE (?::BIGINT AS checkpoint) FROM ${stateTable(log.table)} WHERE checkpoint <= ? ${isInSlice}
       QUALIFY ${newestOfKey(log)} AND NOT deleted`,
      [checkpoint, checkpoint],
    );
  }
}

/** Records what the log holds as of a checkpoint, in the place of the records up to it. */
export async function recordBase(transaction: StoreTransaction, job: string, log: StateLog, checkpoint: number): Promise<number> {
  const columns = log.hashed.columns.map(({ name }) => quoteName(name)).join(", ");
  const result = await transaction.query(`SELECT ${columns} FROM ${stateTable(log.table)} WHERE checkpoint = ?`, [checkpoint]);
  const hasher = new ContentHasher(log.hashed);
  for (let batch = await result.next(); batch !== null; batch = await result.next()) hasher.add(batch);
  const content = hasher.value();
  const base: DeltaRecord = { kind: "base", checkpoint, table: log.table, content };
  await transaction.run(
    "DELETE FROM millrace.checkpoint_deltas WHERE job = ? AND table_name = ? AND kind <> 'result' AND checkpoint <= ?",
    [job, log.table, checkpoint],
  );
  await writeDeltas(transaction, job, [base]);
  return content.rows;
}
