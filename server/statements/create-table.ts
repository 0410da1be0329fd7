import type { TableObject } from "../../planner/catalog.ts";
import type { StatementOf } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { formatType } from "../../runtime/contract/types.ts";
import { quoteName } from "../serving/quote.ts";
import { command, type Handler, notice, type StatementContext } from "./context.ts";

export const createTable: Handler<"createTable"> = {
  async execute(statement, context) {
    const { name } = statement.name;
    if (!context.catalog.isFree(statement.name, statement.ifNotExists)) {
      return command("CREATE TABLE", [notice(`relation "${name}" already exists, skipping`)]);
    }
    const table = await tableOf(statement, context);
    await context.catalogStore.add({ name, kind: "table", definition: statement.text, overrides: {} }, [
      await ddlOf(table, statement, context),
    ]);
    context.catalog.put(table);
    return command("CREATE TABLE");
  },
};

/** The table that a statement describes; for `AS SELECT` the columns are the query's. */
export async function tableOf(statement: StatementOf<"createTable">, context: StatementContext): Promise<TableObject> {
  const base = { kind: "table", name: statement.name.name, definition: statement.text, primaryKey: statement.table.primaryKey } as const;
  if (statement.query !== null) {
    const { schema } = await context.planner.bindQuery(statement.query, context.catalog);
    return { ...base, columns: schema.columns.map((c) => ({ ...c, notNull: false, computed: null, metadata: null, defaultValue: null })) };
  }
  const { columns, watermark } = await context.planner.bindTable(statement.table);
  const special = statement.table.columns.find((c) => c.computed !== null || c.metadata !== null);
  if (special !== undefined || watermark !== null) {
    throw new SqlError({
      sqlState: "0A000",
      message: `a table has no ${watermark !== null ? "watermark" : "computed or metadata columns"}`,
      hint: "Sources have them: CREATE SOURCE.",
      at: special?.at ?? statement.table.watermark?.at ?? statement.name.at,
    });
  }
  return { ...base, columns };
}

async function ddlOf(table: TableObject, statement: StatementOf<"createTable">, context: StatementContext): Promise<string> {
  const target = `public.${quoteName(table.name)}`;
  if (statement.query !== null) {
    const { sql } = await context.planner.planQuery(statement.query, context.catalog);
    return `CREATE TABLE ${target} AS ${sql}`;
  }
  const lines = await Promise.all(
    table.columns.map(async (column, i) => {
      const definition = statement.table.columns[i];
      const fallback = definition?.defaultValue ?? null;
      const checked = fallback === null ? "" : ` DEFAULT (${await context.planner.planExpression(fallback, context.catalog)})`;
      return `${quoteName(column.name)} ${formatType(column.type)}${column.notNull ? " NOT NULL" : ""}${checked}`;
    }),
  );
  if (table.primaryKey.length > 0) lines.push(`PRIMARY KEY (${table.primaryKey.map(quoteName).join(", ")})`);
  return `CREATE TABLE ${target} (${lines.join(", ")})`;
}
