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

/** Replaces all rows up to a checkpoint by those that are valid then, and their records by one of kind `base`. */
export async function compactLog(transaction: StoreTransaction, job: string, log: StateLog, checkpoint: number): Promise<void> {
  const table = stateTable(log.table);
  await transaction.run(
    `CREATE OR REPLACE TEMP TABLE millrace_valid AS
     SELECT * REPLACE (?::BIGINT AS checkpoint) FROM ${table} WHERE checkpoint <= ? QUALIFY ${newestOfKey(log)} AND NOT deleted`,
    [checkpoint, checkpoint],
  );
  await transaction.run(`DELETE FROM ${table} WHERE checkpoint <= ?`, [checkpoint]);
  await transaction.run(`INSERT INTO ${table} SELECT * FROM temp.millrace_valid`);
  await transaction.run("DROP TABLE temp.millrace_valid");
  await recordBase(transaction, job, log, checkpoint);
}

/** Gives a log the layout's columns, which are among its own, keeping the valid rows of a checkpoint. */
export async function reshapeLog(transaction: StoreTransaction, job: string, log: StateLog, checkpoint: number): Promise<void> {
  const table = stateTable(log.table);
  const columns = log.schema.columns.map(({ name }) => quoteName(name)).join(", ");
  await transaction.run(
    `CREATE OR REPLACE TEMP TABLE millrace_valid AS
     SELECT * REPLACE (?::BIGINT AS checkpoint) FROM ${table} WHERE checkpoint <= ? QUALIFY ${newestOfKey(log)} AND NOT deleted`,
    [checkpoint, checkpoint],
  );
  await transaction.run(`CREATE OR REPLACE TABLE ${table} (${columnDefinitions(log)})`);
  await transaction.run(`INSERT INTO ${table} SELECT ${columns} FROM temp.millrace_valid`);
  await transaction.run("DROP TABLE temp.millrace_valid");
  await recordBase(transaction, job, log, checkpoint);
}

async function recordBase(transaction: StoreTransaction, job: string, log: StateLog, checkpoint: number): Promise<void> {
  const columns = log.hashed.columns.map(({ name }) => quoteName(name)).join(", ");
  const result = await transaction.query(`SELECT ${columns} FROM ${stateTable(log.table)} WHERE checkpoint = ?`, [checkpoint]);
  const hasher = new ContentHasher(log.hashed);
  for (let batch = await result.next(); batch !== null; batch = await result.next()) hasher.add(batch);
  const base: DeltaRecord = { kind: "base", checkpoint, table: log.table, content: hasher.value() };
  await transaction.run(
    "DELETE FROM millrace.checkpoint_deltas WHERE job = ? AND table_name = ? AND kind <> 'result' AND checkpoint <= ?",
    [job, log.table, checkpoint],
  );
  await writeDeltas(transaction, job, [base]);
}
