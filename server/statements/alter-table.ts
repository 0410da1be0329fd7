import type { CatalogColumn, TableObject } from "../../planner/catalog.ts";
import type { StatementOf, TableAction } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { formatType } from "../../runtime/contract/types.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { alterType, renameColumn } from "./alter-column.ts";
import { command, type Handler, type StatementContext } from "./context.ts";
import { tableText } from "./definition-text.ts";
import { inUse } from "./dependents.ts";
import { parseOne } from "./parse-one.ts";

/** ALTER TABLE … ADD | DROP | RENAME | ALTER COLUMN, of tables that no view or job reads. */
export const alterTable: Handler<"alterTable"> = {
  async execute(statement, context) {
    const table = context.catalog.require(statement.name, ["table"]) as TableObject;
    const dependents = context.catalog.dependents(table.name);
    if (dependents.length > 0) throw inUse("alter", table, dependents, statement.name.at, "Drop them first.");
    context.catalog.leave([table], statement.name.at);
    try {
      await change(table, statement.actions, context);
    } finally {
      context.catalog.stay([table]);
    }
    return command("ALTER TABLE");
  },
};

async function change(table: TableObject, actions: readonly TableAction[], context: StatementContext): Promise<void> {
  let changed = table;
  const ddl: string[] = [];
  const created = parseOne(table.definition) as StatementOf<"createTable">;
  for (const action of actions) {
    const step = await stepOf(changed, action, created.table, context);
    if (step === null) continue;
    changed = step.table;
    ddl.push(...step.ddl);
  }
  const definition = tableText(changed, created.table);
  await context.catalogStore.rename(table.name, table.name, definition, ddl);
  context.catalog.put({ ...changed, definition });
}

async function stepOf(
  table: TableObject,
  action: TableAction,
  definition: StatementOf<"createTable">["table"],
  context: StatementContext,
): Promise<Step | null> {
  switch (action.do) {
    case "addColumn":
      return addColumn(table, action, context);
    case "dropColumn":
      return dropColumn(table, action);
    case "renameColumn":
      return renameColumn(table, action, definition);
    case "alterType":
      return alterType(table, action, definition);
  }
}

interface Step {
  readonly table: TableObject;
  readonly ddl: readonly string[];
}

async function addColumn(
  table: TableObject,
  action: Extract<TableAction, { readonly do: "addColumn" }>,
  context: StatementContext,
): Promise<Step | null> {
  const { columns } = await context.planner.bindTable(action.table);
  const { primaryKey, unique, checks } = action.table;
  const [column] = columns;
  if (column === undefined || column.notNull || column.computed !== null || primaryKey.length + unique.length + checks.length > 0) {
    const message = "ADD COLUMN with a constraint or an expression is not supported yet";
    throw new SqlError({ sqlState: "0A000", message, hint: "Give a type and perhaps a DEFAULT.", at: action.at });
  }
  if (table.columns.some(({ name }) => name === column.name)) {
    if (action.ifNotExists) return null;
    const message = `column "${column.name}" of relation "${table.name}" already exists`;
    throw new SqlError({ sqlState: "42701", message, at: action.at });
  }
  return { table: { ...table, columns: [...table.columns, column] }, ddl: await addColumnDdl(table, column, action.table, context) };
}

/** A default in ADD COLUMN itself, unless it is a mere constant, makes DuckDB change a setting, which is locked. */
async function addColumnDdl(
  table: TableObject,
  { name, type }: CatalogColumn,
  { columns }: StatementOf<"createTable">["table"],
  { planner, catalog }: StatementContext,
): Promise<readonly string[]> {
  const column = quoteName(name);
  const add = `${alter(table)} ADD COLUMN ${column} ${formatType(type)}`;
  const value = columns[0]?.defaultValue ?? null;
  if (value === null) return [add];
  const sql = await planner.planExpression(value, catalog);
  return [
    add,
    `UPDATE public.${quoteName(table.name)} SET ${column} = (${sql})`,
    `${alter(table)} ALTER COLUMN ${column} SET DEFAULT (${sql})`,
  ];
}

const alter = ({ name }: TableObject): string => `ALTER TABLE public.${quoteName(name)}`;

function dropColumn(table: TableObject, { column, at, ifExists }: Extract<TableAction, { readonly do: "dropColumn" }>): Step | null {
  if (!table.columns.some(({ name }) => name === column)) {
    if (ifExists) return null;
    throw new SqlError({ sqlState: "42703", message: `column "${column}" of relation "${table.name}" does not exist`, at });
  }
  const isKey = [table.primaryKey, ...table.unique].some((key) => key.includes(column));
  if (isKey || table.watermark?.column === column) {
    const message = `cannot drop column "${column}" because ${isKey ? "a key" : "the watermark"} of the table depends on it`;
    throw new SqlError({ sqlState: "2BP01", message, at });
  }
  if (table.columns.length === 1) throw new SqlError({ sqlState: "0A000", message: "a table must keep a column", at });
  return {
    table: { ...table, columns: table.columns.filter(({ name }) => name !== column) },
    ddl: [`${alter(table)} DROP COLUMN ${quoteName(column)}`],
  };
}
