import type { TableObject } from "../../planner/catalog.ts";
import type { StatementOf } from "../../planner/front/statement.ts";
import { formatType } from "../../runtime/contract/types.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import type { StatementContext } from "./context.ts";

type Context = Pick<StatementContext, "planner" | "catalog">;

/** `name type [NOT NULL] [DEFAULT (…)]` for each column. */
async function columnLines(table: TableObject, { planner, catalog }: Context, withNotNull: boolean): Promise<readonly string[]> {
  return Promise.all(
    table.columns.map(async ({ name, type, notNull, defaultValue }) => {
      const value = defaultValue === null ? "" : ` DEFAULT (${await planner.planExpression({ text: defaultValue, at: 0 }, catalog)})`;
      return `${quoteName(name)} ${formatType(type)}${notNull && withNotNull ? " NOT NULL" : ""}${value}`;
    }),
  );
}

/** CREATE TABLE in the store, with its constraints. */
export async function tableDdl(table: TableObject, statement: StatementOf<"createTable">, context: Context): Promise<string> {
  const lines = [...(await columnLines(table, context, true))];
  if (table.primaryKey.length > 0) lines.push(`PRIMARY KEY (${table.primaryKey.map(quoteName).join(", ")})`);
  for (const key of table.unique) lines.push(`UNIQUE (${key.map(quoteName).join(", ")})`);
  for (const check of statement.table.checks)
    lines.push(`CHECK (${await context.planner.planCheck(check, table, context.catalog.frozen())})`);
  return `CREATE TABLE public.${quoteName(table.name)} (${lines.join(", ")})`;
}

const rowsDdl = new WeakMap<TableObject, Promise<string>>();

/** The session's temporary table for new rows: the table's columns and defaults, without its constraints. */
export function createRows(table: TableObject, context: Context): Promise<string> {
  const ddl =
    rowsDdl.get(table) ??
    columnLines(table, context, false).then((lines) => `CREATE OR REPLACE TEMP TABLE " mr rows" (${lines.join(", ")})`);
  rowsDdl.set(table, ddl);
  return ddl;
}
