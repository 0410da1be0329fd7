import { stateTable } from "../checkpoint/names.ts";
import { inFlightKind } from "../checkpoint/store-in-flight.ts";
import { quoteName } from "../contract/quote.ts";
import type { StoreConnection } from "../contract/store.ts";
import type { Schema } from "../contract/types.ts";

/** A state table as a store, or a savepoint's file, has it. */
export interface StoredTable {
  readonly uid: string;
  readonly name: string;
  /** In schema millrace_state. */
  readonly table: string;
  readonly version: number;
  readonly keyColumns: number;
  readonly redistribution: string;
  /** What the rows had met when they were stored; null: not known. */
  readonly conditions: string | null;
  readonly schema: Schema;
  /** Rows that are valid. */
  readonly rows: number;
}

const own: readonly string[] = ["key_group", "deleted", "checkpoint"];

/** The columns of the state itself, in order. */
export const stateColumns = ({ schema }: Pick<StoredTable, "schema">): Schema["columns"] =>
  schema.columns.filter(({ name }) => !own.includes(name));

/** What the store has of a job's state, rows as of the newest checkpoint. */
export async function readStoredState(connection: Pick<StoreConnection, "query">, job: string): Promise<readonly StoredTable[]> {
  const result = await connection.query(
    `SELECT uid, state_table, table_name, version, key_columns, redistribution, conditions
     FROM millrace.state_tables WHERE job = ? AND redistribution <> ? ORDER BY uid, state_table`,
    [job, inFlightKind],
  );
  const found: StoredTable[] = [];
  for (const [uid, name, table, version, keyColumns, redistribution, conditions] of await result.rows()) {
    const schema = await columnsOf(connection, table as string);
    const described = {
      uid: uid as string,
      name: name as string,
      table: table as string,
      version: Number(version),
      keyColumns: Number(keyColumns),
      redistribution: redistribution as string,
      conditions: conditions as string | null,
      schema,
    };
    found.push({ ...described, rows: await countValid(connection, described) });
  }
  return found;
}

async function columnsOf(connection: Pick<StoreConnection, "query">, table: string): Promise<Schema> {
  const result = await connection.query(`SELECT * FROM ${stateTable(table)} LIMIT 0`);
  // A result that was not read to its end keeps its file open.
  await result.rows();
  return result.schema;
}

type Keyed = Pick<StoredTable, "table" | "schema" | "keyColumns">;

/** The valid rows, as a query: of each key the newest, unless it is deleted. */
export function validRows(stored: Keyed, upTo: number | null = null): string {
  const keys = stateColumns(stored).slice(0, stored.keyColumns);
  const partition = keys.length === 0 ? "" : `PARTITION BY ${keys.map(({ name }) => quoteName(name)).join(", ")} `;
  const where = upTo === null ? "" : ` WHERE checkpoint <= ${upTo}`;
  return `SELECT * FROM ${stateTable(stored.table)}${where} QUALIFY row_number() OVER (${partition}ORDER BY checkpoint DESC) = 1 AND NOT deleted`;
}

async function countValid(connection: Pick<StoreConnection, "query">, stored: Keyed): Promise<number> {
  const rows = await (await connection.query(`SELECT count(*) FROM (${validRows(stored)})`)).rows();
  return Number(rows[0]?.[0] ?? 0);
}
