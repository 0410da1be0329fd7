import type { Batch } from "../contract/batch.ts";
import type { OperatorState } from "../contract/control.ts";
import type { StoreConnection } from "../contract/store.ts";
import { quoteName } from "../contract/quote.ts";
import { savepointsOnDisk } from "./files.ts";

const own: readonly string[] = ["key_group", "deleted", "checkpoint"];

/** The state tables in a savepoint's file, of each operator in the order of its definition. */
export const savepointTables = (path: string): Promise<readonly OperatorState[]> =>
  savepointsOnDisk.use(path, async (from, { job }) => {
    const sql = "SELECT uid, state_table, table_name, key_columns FROM millrace.state_tables WHERE job = ? ORDER BY rowid";
    const tables: OperatorState[] = [];
    for (const [uid, name, table, keyColumns] of await (await from.query(sql, [job])).rows()) {
      const { schema } = await from.describe(`SELECT * FROM millrace_state.${quoteName(table as string)}`);
      tables.push({
        job,
        uid: uid as string,
        operator: uid as string,
        name: name as string,
        table: table as string,
        columns: schema.columns.filter((column) => !own.includes(column.name)),
        keyColumns: Number(keyColumns),
      });
    }
    return tables;
  });

/** What `describe` tells of the state tables, with the connection to the savepoint's file. */
export const describeSavepoint = async <T>(
  path: string,
  describe: (from: StoreConnection, tables: readonly OperatorState[]) => Promise<T>,
): Promise<T> => {
  const tables = await savepointTables(path);
  return savepointsOnDisk.use(path, (from) => describe(from, tables));
};

/** Rows of a query of ours over a savepoint's file, batch by batch; each is borrowed until `take` resolves. */
export const readSavepointState = (path: string, sql: string, take: (batch: Batch) => Promise<void>): Promise<void> =>
  savepointsOnDisk.use(path, async (from) => {
    const result = await from.query(sql);
    for (let batch = await result.next(); batch !== null; batch = await result.next()) await take(batch);
  });
