import type { OperatorState } from "../../runtime/contract/control.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import type { StoreConnection } from "../../runtime/contract/store.ts";
import { formatType, type SqlType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { columns, count, type StatementContext } from "../statements/context.ts";

export const operatorColumns = columns("job", "uid", "operator", "state_table", count("rows"), count("bytes"), "key", "columns");

/** The state tables of a job's operators, with their size as of the last completed checkpoint. */
export async function operatorRows(job: string, { engine, store }: StatementContext): Promise<Rows> {
  const connection = await store.connect();
  try {
    return await describeState(connection, engine.stateTables(job));
  } finally {
    connection.close();
  }
}

type Rows = readonly (readonly Value[])[];

/** State tables as rows of `operatorColumns`; the connection is that of the store or file that they lie in. */
export async function describeState(connection: StoreConnection, tables: readonly OperatorState[]): Promise<Rows> {
  const rows: Value[][] = [];
  for (const state of tables) {
    const [size = [0n, 0n]] = await sizeOf(connection, state);
    const [key, rest] = [state.columns.slice(0, state.keyColumns), state.columns.slice(state.keyColumns)].map(listOf);
    rows.push([state.job, state.uid, state.operator, state.name, size[0] ?? 0n, size[1] ?? 0n, key ?? "", rest ?? ""]);
  }
  return rows;
}

const listOf = (fields: OperatorState["columns"]): string =>
  fields.map(({ name, type }) => `${name} ${formatType(type).toLowerCase()}`).join(", ");

/** A table that the job has not made yet is empty. */
async function sizeOf(connection: StoreConnection, state: OperatorState): Promise<Value[][]> {
  const bytes = state.columns.map(({ name, type }) => `coalesce(${bytesOf(quoteName(name), type)}, 0)`).join(" + ") || "0";
  const sql = `SELECT count(*), coalesce(sum(${bytes}), 0)::BIGINT FROM (${stateQuery(state, null)})`;
  return connection.query(sql).then(
    (result) => result.rows(),
    () => [],
  );
}

/** What a value takes, lists and structs by their text. */
function bytesOf(column: string, { id }: SqlType): string {
  switch (id) {
    case "boolean":
    case "tinyint":
    case "utinyint":
      return "1";
    case "integer":
    case "smallint":
    case "usmallint":
    case "date":
      return "4";
    case "hugeint":
    case "ubigint":
    case "decimal":
    case "uuid":
    case "interval":
      return "16";
    case "varchar":
    case "json":
      return `strlen(${column})`;
    case "blob":
      return `octet_length(${column})`;
    case "list":
    case "map":
    case "struct":
      return `strlen(${column}::VARCHAR)`;
    default:
      return "8";
  }
}

type Readable = Pick<OperatorState, "table" | "columns" | "keyColumns">;

/** The valid rows of a state table as of a checkpoint, the last one when null: key_group and the state's columns. */
export function stateQuery({ table, columns: fields, keyColumns }: Readable, checkpoint: number | null): string {
  const names = fields.map(({ name }) => quoteName(name));
  const partition = keyColumns === 0 ? "" : `PARTITION BY ${names.slice(0, keyColumns).join(", ")} `;
  const where = checkpoint === null ? "" : ` WHERE "checkpoint" <= ${checkpoint}`;
  return `SELECT ${["key_group", ...names].join(", ")} FROM millrace_state.${quoteName(table)}${where} QUALIFY row_number() OVER (${partition}ORDER BY "checkpoint" DESC) = 1 AND NOT "deleted"`;
}
